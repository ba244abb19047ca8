// SPDX-License-Identifier: MIT
#pragma once
#include <cstddef>
#include <span>
#include <vector>

#include "core/page.h"
#include "xen/connections.h"

namespace vmbuddies::xen {

/// Pages of a guest, mapped read-only into this process, a batch at a time. None is kept longer: a page that the guest
/// gives back while it is mapped here stays mapped, and would be read for what comes to be at its number.
class ForeignMapping {
   public:
    explicit ForeignMapping(XenDomain::Connections& guest) : guest_(guest) {}
    ForeignMapping(const ForeignMapping&) = delete;
    ForeignMapping& operator=(const ForeignMapping&) = delete;
    ~ForeignMapping() { unmap(); }

    /// As Domain::map_pages(): nullptr for a page that is not there, or not any more.
    void map(std::span<const Pfn> pages, std::span<const std::byte*> out);

   private:
    void unmap() noexcept;

    XenDomain::Connections& guest_;
    void* base_ = nullptr;
    std::size_t count_ = 0;
    std::vector<int> errors_;
};

}  // namespace vmbuddies::xen
