// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "core/bitmap.h"

namespace vmbuddies::xen {

/// Finds the pages of a guest that have data. A PVH guest's page numbers are sparse: 128 MiB lie among a million of
/// them, because a few pages beside its RAM lie right below 4 GiB. So the look at them stops, where it
/// may, when as many have been found as the guest has.
class PresentScan {
   public:
    /// Calls back with each index of `pages` whose page has data.
    using Found = std::function<void(std::size_t)>;
    using Look = std::function<void(std::span<const Pfn> pages, const Found& found)>;

    /// `out`'s size is one past the highest page number.
    PresentScan(Look look, Bitmap& out) : look_(std::move(look)), out_(out) {}

    /// Sets the bits of all pages with data. `total_pages` is how many the guest had before (tot_pages).
    void run(std::uint64_t total_pages);
    /// Looks at every page number, however many have been found.
    void run_to_the_end();

   private:
    void look_at(Pfn first, Pfn last);
    bool any_in(Pfn first, Pfn last);

    Look look_;
    Bitmap& out_;
    std::vector<Pfn> pages_;
};

}  // namespace vmbuddies::xen
