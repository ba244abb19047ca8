// SPDX-License-Identifier: MIT
#include "stall_clock.h"

#include <cinttypes>
#include <cstdio>
#include <utility>

namespace vmbuddies::lab {

std::uint64_t StallClock::tick(Board& board) noexcept {
    constexpr std::int64_t kMillisecond = 1'000'000;
    constexpr std::uint64_t kWorthALineMs = 250;
    const std::int64_t monotonic = now(CLOCK_MONOTONIC);
    const std::int64_t boottime = now(CLOCK_BOOTTIME);
    const bool first = monotonic_ == 0;
    const auto by_monotonic = static_cast<std::uint64_t>(monotonic - std::exchange(monotonic_, monotonic));
    const auto by_boottime = static_cast<std::uint64_t>(boottime - std::exchange(boottime_, boottime));
    if (first) return 0;
    if (board.forget_stalls) {
        board.longest_stall_ms = 0;
        board.forget_stalls = false;
    }
    const std::uint64_t stall_ms = by_boottime / kMillisecond;
    if (stall_ms <= board.longest_stall_ms) return by_monotonic;
    board.longest_stall_at_unix_ms = static_cast<std::uint64_t>(now(CLOCK_REALTIME) / kMillisecond);
    board.longest_stall_monotonic_ms = by_monotonic / kMillisecond;
    board.longest_stall_ms = stall_ms;
    if (stall_ms >= kWorthALineMs) {
        std::printf("guest: stood still for %" PRIu64 " ms, %" PRIu64 " ms of it by CLOCK_MONOTONIC\n", stall_ms,
                    by_monotonic / kMillisecond);
    }
    return by_monotonic;
}

}  // namespace vmbuddies::lab
