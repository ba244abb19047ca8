// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>

#include "process/guest_memory.h"

namespace vmbuddies::process {

/// A check of the whole memory, made in slices while the guest goes on writing: every page against its ledger entry,
/// and the ledger's sum against the header's. The sum is that of the slices, kept up with what is written behind them.
class SelfCheck {
   public:
    explicit SelfCheck(const GuestMemory& memory) noexcept : memory_(memory), next_(memory.first_data()) {}

    /// Checks some more pages; true when it is through.
    bool slice() noexcept;
    /// A step has raised this page's version by one.
    void wrote(Pfn page) noexcept { sum_ += page < next_; }

    std::uint64_t checked_pages() const noexcept { return next_ - memory_.first_data(); }
    std::uint64_t bad_pages() const noexcept { return bad_pages_; }
    Pfn first_bad_page() const noexcept { return first_bad_page_; }
    bool adds_up() const noexcept { return sum_ == memory_.header().writes; }

   private:
    const GuestMemory& memory_;
    Pfn next_;
    std::uint64_t sum_ = 0;
    std::uint64_t bad_pages_ = 0;
    Pfn first_bad_page_ = 0;
};

}  // namespace vmbuddies::process
