// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <string>

#include "core/page.h"
#include "process/workload.h"

namespace vmbuddies::process {

/// What anybody can know of a process domain without stopping it.
struct DomainInfo {
    std::string name;
    std::string uuid;  ///< 32 hexadecimal digits; the same on both sides of a migration
    int pid = 0;
    std::uint64_t memory_bytes = 0;
    std::uint64_t present_bytes = 0;  ///< memory less what was given back
    bool paused = false;
    bool moving = false;       ///< suspended by a migration, which may have ended badly: it may run elsewhere
    bool ended = false;        ///< the guest is no more; all else is what was last known
    bool incoming = false;     ///< being received; has not started here yet
    bool independent = false;  ///< lives until destroy(), not until its owner ends
    Workload workload;
    std::uint64_t writes = 0;          ///< page writes since the guest was first started, migrations included
    double longest_stall_seconds = 0;  ///< between two safe points here, beyond what the workload asked for
    /// How long it stood still when it last ran again, pauses and moves alike, and at most so far on any side; 0: it
    /// never did, or is idle and keeps no record.
    double last_gap_seconds = 0;
    double longest_gap_seconds = 0;
    std::uint64_t corrupt_pages = 0;  ///< pages the guest itself found lost or stale; 0 is the only good value
};

struct StartOptions {
    std::string name;            ///< 1..64 of [A-Za-z0-9._-], not starting with '.' or '-'
    std::uint64_t memory_bytes;  ///< a multiple of 4096, 1 MiB to below 16 TiB
    Workload workload;
    bool independent = false;
    std::string guest_program;  ///< path of vmbuddies-guest
};

/// The guest's verdict on its own memory.
struct Verification {
    bool intact = false;
    std::uint64_t checked_pages = 0;
    std::uint64_t writes = 0;
    std::uint64_t bad_pages = 0;
    Pfn first_bad_page = 0;
    std::string message;  ///< one sentence
};

}  // namespace vmbuddies::process
