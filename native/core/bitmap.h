// SPDX-License-Identifier: MIT
#pragma once
#include <bit>
#include <cstdint>
#include <span>
#include <vector>

#include "page.h"

namespace vmbuddies {

/// One bit per page, in the layout of Xen's log-dirty bitmap: bit n of the little-endian word array is page n.
/// Bits past `size()` in the last word are always zero. Not thread-safe.
class Bitmap {
   public:
    explicit Bitmap(std::uint64_t size = 0) : size_(size), words_((size + 63) / 64) {}

    std::uint64_t size() const noexcept { return size_; }
    bool test(Pfn page) const noexcept { return words_[page >> 6] >> (page & 63) & 1; }
    void set(Pfn page) noexcept { words_[page >> 6] |= std::uint64_t{1} << (page & 63); }
    void clear(Pfn page) noexcept { words_[page >> 6] &= ~(std::uint64_t{1} << (page & 63)); }

    /// Half-open ranges; `last` is cut to size().
    void set_range(Pfn first, Pfn last) noexcept;
    void clear_range(Pfn first, Pfn last) noexcept;
    void clear_all() noexcept;

    /// this |= other; this &= ~other. Both need the same size (ErrorCode::kArgument otherwise).
    void merge(const Bitmap& other);
    void subtract(const Bitmap& other);

    std::uint64_t count() const noexcept;
    std::uint64_t count(Pfn first, Pfn last) const noexcept;
    /// Number of pages set here or in `other`.
    std::uint64_t count_union(const Bitmap& other) const;
    bool any() const noexcept;

    /// First set bit at or after `from`, or size() when there is none.
    Pfn find_set(Pfn from) const noexcept;
    /// First clear bit at or after `from`, or size() when there is none.
    Pfn find_clear(Pfn from) const noexcept;

    /// Calls visit(first, count) for every maximal run of set bits inside [first, last), ascending.
    template <class Visit>
    void for_each_run(Visit&& visit, Pfn first = 0, Pfn last = UINT64_MAX) const {
        if (last > size_) last = size_;
        if (first >= last) return;
        Pfn begin = 0;
        std::uint64_t open = 0;  // 1 inside a run
        for (std::uint64_t i = first >> 6; i <= (last - 1) >> 6; ++i) {
            std::uint64_t word = words_[i];
            if (i == first >> 6) word &= ~std::uint64_t{0} << (first & 63);
            if (i == last >> 6) word &= ~(~std::uint64_t{0} << (last & 63));
            // One bit wherever a run begins or ends; none in the many words that are all clear or all set.
            std::uint64_t edges = word ^ (word << 1 | open);
            if (edges == 0) continue;
            const auto next_edge = [&edges, i]() noexcept {
                const Pfn at = i << 6 | static_cast<unsigned>(std::countr_zero(edges));
                edges &= edges - 1;
                return at;
            };
            if (open != 0) visit(begin, next_edge() - begin);
            while (edges != 0) {
                begin = next_edge();
                if (edges != 0) visit(begin, next_edge() - begin);
            }
            open = word >> 63;
        }
        if (open != 0) visit(begin, last - begin);
    }

    std::span<std::uint64_t> words() noexcept { return words_; }
    std::span<const std::uint64_t> words() const noexcept { return words_; }

   private:
    std::uint64_t size_;
    std::vector<std::uint64_t> words_;
};

}  // namespace vmbuddies
