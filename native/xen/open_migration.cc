// SPDX-License-Identifier: MIT
#include "xen/open_migration.h"

#include <string>
#include <utility>
#include <vector>

#include "core/error.h"
#include "core/owned_migration.h"
#include "xen/guest_save_engine.h"
#include "xen/preflight.h"
#include "xen/save_messages.h"
#include "xen/xen_domain.h"
#include "xen/xen_saved_guest.h"
#include "xen/xen_source.h"

namespace vmbuddies::xen {
namespace {

std::vector<std::string> save_command(const XenMigrationOptions& options) {
    std::vector<std::string> command{options.save_program, std::to_string(options.domid)};
    if (options.migration.verify) command.emplace_back(save::kVerifyArgument);
    return command;
}

}  // namespace

std::unique_ptr<Engine> open_migration(const XenMigrationOptions& options, Engine::Observer observer,
                                       const std::stop_token& stop) {
    auto domain = XenDomain::open(std::to_string(options.domid));
    MigrationOptions migration = options.migration;
    // Xen does not clear the page that an entry without data makes exist: a domain that lives clears what it gives
    // back, or not, and dead ones' memory is all that is scrubbed (free_domheap_pages() in page_alloc.c).
    migration.zero_pages = ZeroPages::kNever;
    const GuestType type = domain->info().type;
    if (options.libxenguest || type == GuestType::kPv) {
        const std::string why = type == GuestType::kPv ? "" : unsupported_kind(domain->connections());
        if (!why.empty()) throw Error(ErrorCode::kUnavailable, "migrate", why);
        auto guest = std::make_unique<XenSavedGuest>(std::move(domain), options.target_bytes);
        auto destination = XlDestination::connect(options.destination, stop);
        return std::make_unique<GuestSaveEngine>(std::move(guest), save_command(options), std::move(destination),
                                                 std::move(migration), std::move(observer));
    }
    auto source = std::make_unique<XenSource>(std::move(domain), options.target_bytes);
    auto destination = XlDestination::connect(options.destination, stop);
    return std::make_unique<OwnedMigration>(std::move(source), std::move(destination), std::move(migration),
                                            std::move(observer));
}

}  // namespace vmbuddies::xen
