// SPDX-License-Identifier: MIT
#pragma once
#include <cstddef>
#include <cstdint>

#include "core/page.h"
#include "process/workload.h"

namespace vmbuddies::process {

/// Page 0 of a guest. Together with the ledger behind it, it is all the guest knows: between two safe points nothing
/// of the guest's state is kept anywhere else, so that a copy of the memory is a copy of the guest.
struct GuestHeader {
    static constexpr std::uint64_t kMagic = 0x747365756764766d;

    std::uint64_t magic;
    std::uint64_t pages;
    Workload workload;
    /// Page writes made by the workload. Also the whole state of the guest's random numbers, which are a hash of it.
    std::uint64_t steps;
    std::uint64_t writes;         ///< sum of the ledger's versions: the steps, and one for every page written at start
    std::uint64_t present_pages;  ///< pages from here on are given back
    std::uint64_t corrupt_pages;  ///< found by a step, never forgotten
    std::uint64_t first_corrupt_page;

    /// Depends on when the guest ran, not on what it did; the only part of the memory that digests leave out.
    struct Pacing {
        std::uint64_t running_nanoseconds;  ///< pauses do not count
        double due_writes;                  ///< owed to the workload's rate
        /// When the guest last stopped at a safe point, in nanoseconds of CLOCK_REALTIME, for it travels: what it finds
        /// on that clock when it runs again is the pause it really had. Between hosts that is as true as their clocks
        /// agree. 0: never, or an idle guest, which touches nothing.
        std::int64_t stopped_at_nanoseconds;
        std::uint64_t longest_gap_nanoseconds;  ///< of all such pauses, on any side
    } pacing;
};
static_assert(sizeof(GuestHeader) <= kPageSize);

/// The guest's memory and what one step does to it: header, ledger (one version per page), data pages. The content of
/// every data page is a function of (seed, page, version), so that the guest can tell a lost or stale page, ledger
/// page or header by itself. After n steps all of it is a function of (size, workload, present_pages, n).
class GuestMemory {
   public:
    /// A ledger entry is the page's version, counted from 1, 0 for bookkeeping pages, or:
    static constexpr std::uint32_t kFree = 0xFFFFFFFF;  ///< unused by the workload; its content means nothing

    /// A view on `pages` pages mapped at `base` from `memory_fd`. Touches nothing.
    GuestMemory(std::byte* base, Pfn pages, int memory_fd) noexcept;

    /// Makes a new guest: writes version 1 to every used page and junk to the free ones. The memory must be zero.
    void format(const Workload& workload) noexcept;
    /// Why this memory is not that of a guest with `workload`; nullptr if it is.
    const char* mismatch(const Workload& workload) const noexcept;

    GuestHeader& header() const noexcept { return *reinterpret_cast<GuestHeader*>(base_); }
    Pfn pages() const noexcept { return pages_; }
    /// Used data pages are [first_data(), end_data()); the free ones follow.
    Pfn first_data() const noexcept { return first_data_; }
    Pfn end_data() const noexcept { return header().workload.used_pages; }
    std::uint32_t version(Pfn page) const noexcept { return ledger_[page]; }

    /// The next write of the workload: checks the page's present content, then gives it its next version.
    /// Returns the page. The workload must have a rate.
    Pfn step() noexcept;

    /// Is the page what the ledger says?
    bool check(Pfn page) const noexcept;

    /// Gives free pages back, or takes them again, until `target` are present, but no more than one safe point's
    /// share of them. True once the target is reached. `target` >= end_data().
    bool balloon(Pfn target) noexcept;

   private:
    std::byte* at(Pfn page) const noexcept { return base_ + (page << kPageShift); }
    void write(Pfn page, std::uint32_t version) noexcept;
    Pfn choose() const noexcept;

    std::byte* base_;
    Pfn pages_;
    Pfn first_data_;
    std::uint32_t* ledger_;
    int memory_fd_;
};

}  // namespace vmbuddies::process
