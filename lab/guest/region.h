// SPDX-License-Identifier: MIT
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace vmbuddies::lab {

inline constexpr std::size_t kPageSize = 4096;
using Page = std::array<std::uint64_t, kPageSize / sizeof(std::uint64_t)>;

/// A page that does not hold what it must.
struct Damage {
    std::uint64_t index;
    std::uint64_t pass;        ///< in which it was last written
    std::uint64_t held_index;  ///< what it says of itself
    std::uint64_t held_pass;
};

/// Memory in which every page is known at every moment, without a table of what it should hold.
///
/// Pages are written in passes: each pass writes every page once, in the same scattered order, so that any N writes in
/// a row dirty N distinct pages (up to the region's size). How many writes have been made therefore says which pass
/// each page was last written in, and a page holds nothing but its own index, that pass and words made from the two. A
/// lost write, a stale page, a torn page and a page in another's place all differ from what must be there.
class Region {
   public:
    /// Writes all of `memory` (1 to 2^31 pages), which must outlive the region. `seed` tells its pages from any
    /// other's.
    Region(std::span<Page> memory, std::uint64_t seed) noexcept;

    std::size_t pages() const noexcept { return memory_.size(); }

    /// Writes the page whose turn it is. The page is looked at before it is overwritten, or most losses would be
    /// covered up by the next pass.
    std::optional<Damage> write_next() noexcept;

    /// Looks at a page. One that does not hold what it must is made whole, so that it is counted once.
    std::optional<Damage> check(std::size_t index) noexcept;

   private:
    std::uint64_t pass_of(std::size_t index) const noexcept;

    std::span<Page> memory_;
    std::uint64_t seed_;
    std::uint64_t stride_;   ///< from one page of a pass to the next, modulo pages()
    std::uint64_t inverse_;  ///< stride_ * inverse_ = 1 modulo pages(): from a page back to its turn
    std::uint64_t pass_ = 1;
    std::size_t turn_ = 0;  ///< how many pages of this pass have been written, 0 to pages() - 1
};

}  // namespace vmbuddies::lab
