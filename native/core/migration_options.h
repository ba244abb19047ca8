// SPDX-License-Identifier: MIT
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>

#include "stats.h"
#include "stop_rule.h"

namespace vmbuddies {

struct MigrationOptions {
    StopRule stop_rule;
    /// The pacer's rate, at least 1; kUnlimited for none. Changed live by set_rate().
    std::uint64_t bytes_per_second = kUnlimited;
    /// Connected, wait for begin() before the dirty log goes on and the first page is sent. Otherwise go on at once.
    bool hold_at_start = false;
    /// Wait at the pseudo-synchropoint for stop_and_copy() (the first barrier). Otherwise go on at once.
    bool hold_at_synchropoint = false;
    /// Wait when prepared for commit() (the second barrier). Otherwise commit at once.
    bool hold_when_prepared = false;
    /// Send every present page once more after the last one, behind a record VERIFY: Xen's receiver then compares them
    /// with what it has and logs each that differs. A test's means, paid for with a pause that grows by all memory.
    bool verify = false;
    /// May a page of zeros travel as an entry without data (type XALLOC)?
    ZeroPages zero_pages = ZeroPages::kFirstRound;
    std::chrono::milliseconds suspend_timeout{5000};
    /// From the request to suspend on. A guest that has stood still for so long before pledge() runs on here, whatever
    /// the other side does and whether or not anybody is there to give orders.
    std::optional<std::chrono::milliseconds> max_pause;
    /// While it is held at the start or waits at the pseudo-synchropoint the stream is never silent for longer than
    /// about this.
    std::chrono::milliseconds heartbeat_interval{5000};
};

}  // namespace vmbuddies
