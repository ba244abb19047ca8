// SPDX-License-Identifier: MIT
#pragma once
#include <cstddef>
#include <span>

#include "region.h"

namespace vmbuddies::lab {

/// Memory that is really there: locked, in small pages, so that the dirty log sees each page by itself.
class LockedMemory {
   public:
    /// Empty if there is not that much free memory, with some left for the kernel. `pages` may be 0.
    explicit LockedMemory(std::size_t pages) noexcept;
    ~LockedMemory();
    LockedMemory(const LockedMemory&) = delete;
    LockedMemory& operator=(const LockedMemory&) = delete;

    std::span<Page> pages() const noexcept { return pages_; }

   private:
    std::span<Page> pages_;
};

}  // namespace vmbuddies::lab
