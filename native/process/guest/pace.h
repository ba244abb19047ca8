// SPDX-License-Identifier: MIT
#pragma once
#include <chrono>

#include "process/guest_memory.h"

namespace vmbuddies::process {

/// When the workload's writes are due. What it knows lies in the guest's header, so it migrates: the position in the
/// period goes on where it was, and neither pauses nor long sleeps are made up for.
class Pace {
   public:
    explicit Pace(GuestHeader& header) noexcept : header_(header) {}

    /// The guest has been running for `elapsed` more.
    void advance(std::chrono::nanoseconds elapsed) noexcept;
    bool due() const noexcept { return header_.pacing.due_writes >= 1; }
    void done() noexcept { header_.pacing.due_writes -= 1; }
    /// The guest stops at a safe point; it runs again. The latter returns how long it stood still, 0 if it cannot tell.
    void stop() noexcept;
    std::chrono::nanoseconds go() noexcept;
    /// How long the guest may sleep now.
    std::chrono::nanoseconds until_due() const noexcept;

   private:
    double rate() const noexcept;

    GuestHeader& header_;
};

}  // namespace vmbuddies::process
