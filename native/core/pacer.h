// SPDX-License-Identifier: MIT
#pragma once
#include <chrono>
#include <cstdint>

namespace vmbuddies {

/// A token bucket kept as a deadline: the instant until which the bytes granted so far occupy the link.
/// Lateness is carried over as credit, up to max(100 ms, two quanta), so that a sender that oversleeps or is held up
/// loses no rate; who had nothing to send keeps max(20 ms, two quanta) of it.
/// Exact: over any stretch of time the bytes granted stay below rate x (stretch + credit), without rounding.
/// The clock is the caller's: every call passes `now`. Not thread-safe.
class Pacer {
   public:
    using TimePoint = std::chrono::steady_clock::time_point;

    /// `bytes_per_second` > 0; stats.h's kUnlimited means no limit.
    Pacer(std::uint64_t bytes_per_second, TimePoint now);

    /// Books `bytes` and returns when they may leave: `now` or later. Zero bytes: asks when the next ones may.
    TimePoint reserve(std::uint64_t bytes, TimePoint now);
    /// Takes effect from `now`: what is booked but not yet due is re-priced at the new rate, and so is credit.
    void set_rate(std::uint64_t bytes_per_second, TimePoint now);

    /// Up to now there was nothing to send.
    void rested(TimePoint now);

    std::uint64_t rate() const noexcept { return rate_; }
    /// Bytes to hand over at a time: 2 ms worth, between two pages and 256 KiB.
    std::uint64_t quantum() const noexcept;

   private:
    void forget_credit_before(TimePoint now, std::chrono::nanoseconds kept);
    void advance(__int128 nanobytes, TimePoint now);

    std::uint64_t rate_;
    TimePoint due_;                ///< the deadline, rounded down to the clock's tick
    std::uint64_t remainder_ = 0;  ///< what the rounding took off, in billionths of a byte; below rate_
};

}  // namespace vmbuddies
