// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <ctime>

#include "board.h"

namespace vmbuddies::lab {

/// Measures the time from one tick of the guest to its next, and keeps the longest.
///
/// Linux stops CLOCK_MONOTONIC while a Xen domain is suspended; it sees only the freezing and thawing of its tasks
/// around that. CLOCK_BOOTTIME goes on: on resuming, Linux adds what the wall clock of the host says has gone by. On
/// the same host that is the pause. On another host the difference of the two hosts' clocks comes on top, and if that
/// makes it negative, nothing is added.
class StallClock {
   public:
    /// Notes a tick; nanoseconds since the last one by CLOCK_MONOTONIC, 0 for the first.
    std::uint64_t tick(Board& board) noexcept;

   private:
    std::int64_t monotonic_ = 0;
    std::int64_t boottime_ = 0;
};

/// Nanoseconds.
inline std::int64_t now(clockid_t clock) noexcept {
    timespec time;
    ::clock_gettime(clock, &time);
    return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

}  // namespace vmbuddies::lab
