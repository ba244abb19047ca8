// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <functional>
#include <vector>

#include "core/page.h"
#include "core/unique_fd.h"

namespace vmbuddies::process {

/// Which pages another process has written, by the kernel's own account (PAGEMAP_SCAN, Linux 6.7), in a range that
/// process opened up with allow_write_tracking(). Blind to every write that is not made through that mapping.
class PagemapScanner {
   public:
    /// A region of pages from the range's start, in ascending order.
    using Visit = std::function<void(Pfn first, std::uint64_t count)>;

    /// `base` is the range's address in process `pid`. kUnavailable if its pagemap may not be opened.
    PagemapScanner(int pid, std::uint64_t base, Pfn pages);

    /// From here on only what is written later counts as written.
    void arm();
    void peek(Pfn first, Pfn last, const Visit& visit);
    /// The same, and clears what it visits. A page's data may be read once this has returned.
    void clean(Pfn first, Pfn last, const Visit& visit);

   private:
    void scan(Pfn first, Pfn last, std::uint64_t flags, const Visit& visit);
    void check_alive() const;

    struct Region {
        std::uint64_t start;
        std::uint64_t end;
        std::uint64_t categories;
    };
    UniqueFd pagemap_;
    std::uint64_t base_;
    Pfn pages_;
    std::vector<Region> regions_;
};

}  // namespace vmbuddies::process
