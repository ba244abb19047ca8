// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>

#include "core/engine.h"
#include "core/migration.h"
#include "xen/xl_destination.h"

namespace vmbuddies::xen {

struct XenMigrationOptions {
    std::uint32_t domid = 0;
    /// What the guest's memory is held at (XenDomain::hold_memory()); 0: it is not held.
    std::uint64_t target_bytes = 0;
    /// Use libxenguest's own loop (xc_domain_save) in a child process: the baseline for PVH. A PV guest always goes
    /// that way.
    bool libxenguest = false;
    /// Path of the program vmbuddies-xen-save, for libxenguest.
    std::string save_program;
    XlDestination::Options destination;
    MigrationOptions migration;
};

/// Connects and makes the engine for one domain; blocks as long as that takes. `migration.zero_pages` does not count:
/// to Xen every page goes with its data. kUnavailable for a guest that no engine can move, and what XenDomain::open()
/// and XlDestination::connect() throw.
std::unique_ptr<Engine> open_migration(const XenMigrationOptions& options, Engine::Observer observer,
                                       const std::stop_token& stop);

}  // namespace vmbuddies::xen
