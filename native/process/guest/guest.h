// SPDX-License-Identifier: MIT
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>

#include "process/control_block.h"
#include "process/guest/pace.h"
#include "process/guest/self_check.h"
#include "process/guest_memory.h"

namespace vmbuddies::process {

/// The guest at work: one endless turn of pausing, serving requests, writing and sleeping. Every turn, and every write
/// in it, ends at a safe point: all the guest's state is in its memory then.
class Guest {
   public:
    Guest(ControlBlock& control, GuestMemory memory) noexcept;

    /// What a new guest does before it is ready. An incoming one gets its memory from elsewhere.
    void prepare() noexcept;
    /// Returns once the guest may work: for an incoming one that is when it is released. False if the memory that one
    /// received is not its own; the control block says why.
    bool await_start() noexcept;
    [[noreturn]] void run() noexcept;

   private:
    using Clock = std::chrono::steady_clock;

    bool start() noexcept;
    void park() noexcept;
    void note_gap() noexcept;
    void work(std::uint32_t seen) noexcept;
    bool balloon() noexcept;
    bool check() noexcept;
    void publish() noexcept;
    void note_stall(std::chrono::nanoseconds stall) noexcept;

    ControlBlock& control_;
    GuestMemory memory_;
    Pace pace_;
    const bool incoming_;  ///< it was when it came up; the control block's flag is down once it is released
    // The host's affairs, which stay behind when the guest migrates.
    std::optional<SelfCheck> check_;
    std::uint32_t check_request_ = 0;
    std::uint64_t bad_pages_ = 0;
};

}  // namespace vmbuddies::process
