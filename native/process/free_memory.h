// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <string>

namespace vmbuddies::process {

/// How much memory this process can still have, and what sets the limit.
struct FreeMemory {
    std::uint64_t bytes = 0;
    std::string limit;  ///< as in "this host has", "its cgroup /web allows"
};

/// The least of what the host has available (MemAvailable) and what each cgroup from this process's own up to the top
/// allows, of version 1 and 2: its limit less what it uses, page cache that can be dropped not counted. `root` is in
/// front of /proc and /sys: "" for this host. What cannot be read sets no limit; kSystem if nothing can.
FreeMemory free_memory(const std::string& root = {});

}  // namespace vmbuddies::process
