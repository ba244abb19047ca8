// SPDX-License-Identifier: MIT
#include "addon/migration_options.h"

#include <string>
#include <utility>

#include "addon/convert.h"
#include "core/owned_migration.h"
#include "process/process_destination.h"
#include "process/process_source.h"

namespace vmbuddies::addon {
namespace {

MigrationOptions common_options(const Napi::Object& object) {
    MigrationOptions options;
    const std::string rule = string_of(object, "stopRule");
    auto stop_rule = stop_rule_by_name(rule);
    if (!stop_rule) throw Error(ErrorCode::kArgument, "migrate", "there is no stop rule called \"" + rule + "\"");
    options.stop_rule = *std::move(stop_rule);
    const double downtime = number_of(object, "downtimeSeconds");
    if (downtime > 0) options.stop_rule.downtime_seconds = downtime;
    options.bytes_per_second = rate(number_of(object, "bytesPerSecond"), object.Env(), "bytesPerSecond");
    options.hold_at_synchropoint = bool_of(object, "holdAtSynchropoint");
    options.hold_when_prepared = bool_of(object, "holdWhenPrepared");
    options.suspend_timeout = duration_of(object, "suspendTimeoutSeconds");
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

}  // namespace vmbuddies::addon
