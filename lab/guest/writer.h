// SPDX-License-Identifier: MIT
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>

#include "board.h"
#include "locked_memory.h"
#include "region.h"
#include "stall_clock.h"

namespace vmbuddies::lab {

/// Dirties the guest's memory at the wished rate, and keeps looking whether it is still what it wrote.
class Writer {
   public:
    /// `seed` differs from boot to boot.
    Writer(Board& board, std::uint64_t seed) noexcept : board_(board), seed_(seed) {}

    [[noreturn]] void run() noexcept;

   private:
    void resize() noexcept;
    void write(std::uint64_t elapsed_nanoseconds) noexcept;
    void sweep() noexcept;
    void note(const std::optional<Damage>& damage) noexcept;

    Board& board_;
    std::uint64_t seed_;
    StallClock clock_;
    std::uint64_t seen_wish_bytes_ = 0;
    std::optional<LockedMemory> memory_;
    std::optional<Region> region_;  ///< in memory_; none as long as that is empty
    double due_pages_ = 0;
    std::size_t next_swept_ = 0;
};

}  // namespace vmbuddies::lab
