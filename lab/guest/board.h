// SPDX-License-Identifier: MIT
#pragma once
#include <atomic>
#include <cstdint>

namespace vmbuddies::lab {

/// What the writer and the agent tell each other. They run apart, because the agent waits for dom0: a host that is busy
/// with a migration answers late, and the rate of the writes must not depend on it.
struct Board {
    using Number = std::atomic<std::uint64_t>;

    // The agent writes, the writer reads: what is wished.
    Number wished_pages_per_second{0};
    Number wished_wss_bytes{0};
    std::atomic<bool> forget_stalls{false};  ///< set by the agent, taken back by the writer when it has forgotten

    // The writer writes, the agent reads: what is.
    Number pages_per_second{0};
    Number wss_bytes{0};
    Number pages_written{0};
    Number corrupt_pages{0};
    Number sweeps{0};
    Number longest_stall_ms{0};            ///< by CLOCK_BOOTTIME
    Number longest_stall_monotonic_ms{0};  ///< the same stall by CLOCK_MONOTONIC
    Number longest_stall_at_unix_ms{0};    ///< its end, by CLOCK_REALTIME; 0 before the first tick
};

}  // namespace vmbuddies::lab
