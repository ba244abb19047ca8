// SPDX-License-Identifier: MIT
#include "addon/migration_options.h"

#include <string>
#include <utility>

#include "addon/convert.h"
#include "addon/stop_rules.h"
#include "core/owned_migration.h"
#include "process/process_destination.h"
#include "process/process_source.h"
#include "xen/open_migration.h"

namespace vmbuddies::addon {
namespace {

/// DOMID_FIRST_RESERVED of Xen's public/xen.h: numbers from here on are no domain's.
constexpr std::uint64_t kFirstReservedDomid = 0x7FF0;

MigrationOptions common_options(const Napi::Object& object) {
    MigrationOptions options;
    options.stop_rule = stop_rule(string_of(object, "stopRule"), number_of(object, "downtimeSeconds"));
    options.bytes_per_second = rate(number_of(object, "bytesPerSecond"), object.Env(), "bytesPerSecond");
    options.hold_at_start = bool_of(object, "holdAtStart");
    options.hold_at_synchropoint = bool_of(object, "holdAtSynchropoint");
    options.hold_when_prepared = bool_of(object, "holdWhenPrepared");
    options.suspend_timeout = duration_of(object, "suspendTimeoutSeconds");
    if (number_of(object, "maxPauseSeconds") > 0) options.max_pause = duration_of(object, "maxPauseSeconds");
    return options;
}

}  // namespace

EngineFactory process_migration(const Napi::Object& object) {
    process::ProcessDestination::Options destination;
    destination.host = string_of(object, "host");
    const std::uint64_t port = count_of(object, "port");
    if (port == 0 || port > 65535) {
        throw Error(ErrorCode::kArgument, "migrate", "port must be from 1 to 65535, not " + std::to_string(port));
    }
    destination.port = static_cast<std::uint16_t>(port);
    destination.connect_timeout = duration_of(object, "connectTimeoutSeconds");
    destination.stall_timeout = duration_of(object, "stallTimeoutSeconds");
    destination.secret = secret_of(object, "secret");
    MigrationOptions options = common_options(object);
    options.zero_pages = ZeroPages::kAlways;  // our own receiver clears such a page
    return [=, registry = string_of(object, "registry"), name = string_of(object, "domain"),
            tracker = string_of(object, "tracker")](Engine::Observer observer, std::stop_token stop) {
        auto domain = process::ProcessDomain::open(registry, name);
        const process::DomainInfo info = domain->info();
        auto source = std::make_unique<process::ProcessSource>(std::move(domain), tracker);
        auto connection = process::ProcessDestination::connect(destination, info, std::move(stop));
        return std::make_unique<OwnedMigration>(std::move(source), std::move(connection), options, std::move(observer));
    };
}

EngineFactory xen_migration(const Napi::Object& object) {
    xen::XenMigrationOptions options;
    const std::uint64_t domid = count_of(object, "domid");
    if (domid == 0 || domid >= kFirstReservedDomid) {
        throw Error(ErrorCode::kArgument, "migrate", "domid must be a guest's, not " + std::to_string(domid));
    }
    options.domid = static_cast<std::uint32_t>(domid);
    options.target_bytes = count_of(object, "targetBytes");
    const std::string engine = string_of(object, "engine");
    if (engine != "vmbuddies" && engine != "libxenguest") {
        throw Error(ErrorCode::kArgument, "migrate", "engine must be vmbuddies or libxenguest, not \"" + engine + "\"");
    }
    options.libxenguest = engine == "libxenguest";
    options.save_program = string_of(object, "saveProgram");
    options.destination.command = strings_of(object, "transport");
    if (options.destination.command.empty()) {
        throw Error(ErrorCode::kArgument, "migrate", "transport must name a program");
    }
    options.destination.header = bytes_of(object, "header");
    options.destination.banner_timeout = duration_of(object, "connectTimeoutSeconds");
    options.destination.stall_timeout = duration_of(object, "stallTimeoutSeconds");
    options.migration = common_options(object);
    options.migration.verify = bool_of(object, "verify");
    return [options = std::move(options)](Engine::Observer observer, const std::stop_token& stop) {
        return xen::open_migration(options, std::move(observer), stop);
    };
}

}  // namespace vmbuddies::addon
