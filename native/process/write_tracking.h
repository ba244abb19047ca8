// SPDX-License-Identifier: MIT
#pragma once
#include <cstddef>

namespace vmbuddies::process {

/// Lets another process of the same user track this process's writes to [base, base + bytes) with a PagemapScanner:
/// opens a userfaultfd in asynchronous write-protect mode. Tracking lasts as long as the descriptor is open. Returns
/// the descriptor, or -errno. Safe between fork and exec.
int allow_write_tracking(std::byte* base, std::size_t bytes) noexcept;

}  // namespace vmbuddies::process
