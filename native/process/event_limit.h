// SPDX-License-Identifier: MIT
#pragma once
#include <chrono>
#include <cstdint>

#include "process/address.h"

namespace vmbuddies::process {

/// Lets so many events through in each interval, and counts the others. For one thread at a time.
class EventLimit {
   public:
    EventLimit(std::uint64_t most, std::chrono::milliseconds interval) : most_(most), interval_(interval) {}

    bool admits(TimePoint now) noexcept {
        if (now >= until_) {
            until_ = now + interval_;
            seen_ = 0;
        }
        if (seen_++ < most_) return true;
        ++held_back_;
        return false;
    }
    /// How many were held back, once their interval is over; 0 before that.
    std::uint64_t take_held_back(TimePoint now) noexcept {
        if (now < until_) return 0;
        const std::uint64_t count = held_back_;
        held_back_ = 0;
        return count;
    }

   private:
    std::uint64_t most_;
    std::chrono::milliseconds interval_;
    TimePoint until_{};
    std::uint64_t seen_ = 0;
    std::uint64_t held_back_ = 0;
};

}  // namespace vmbuddies::process
