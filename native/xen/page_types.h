// SPDX-License-Identifier: MIT
#pragma once
#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "core/page.h"
#include "xen/connections.h"

namespace vmbuddies::xen {

/// Asks the hypervisor which of a guest's pages have data to be sent (XEN_DOMCTL_getpageframeinfo3). Those without:
/// page numbers with nothing behind them, broken frames, and frames that belong to the hypervisor (the shared-info
/// page, grant tables), which a guest builds anew where it is restored. Populates what is populated on demand.
class PageTypes {
   public:
    explicit PageTypes(XenDomain::Connections& guest) : guest_(guest) {}

    /// Calls visit(i) for every pages[i] that has data.
    template <class Visit>
    void for_each_with_data(std::span<const Pfn> pages, Visit&& visit) {
        for (std::size_t first = 0; first < pages.size(); first += kAtOnce) {
            const auto some = pages.subspan(first, std::min(kAtOnce, pages.size() - first));
            query(some);
            for (std::size_t i = 0; i < some.size(); ++i) {
                if (has_data(types_[i])) visit(first + i);
            }
        }
    }

   private:
    /// libxenctrl keeps single pages of hypercall memory at hand, so 512 numbers cost less a page than 1024.
    static constexpr std::size_t kAtOnce = 512;
    static_assert(kAtOnce <= abi::kMaxPageTypes);

    static bool has_data(std::uint64_t type) noexcept {
        type &= abi::kPageTypeMask;
        return type != abi::kPageInvalid && type != abi::kPageAllocOnly && type != abi::kPageBroken;
    }
    void query(std::span<const Pfn> pages);

    XenDomain::Connections& guest_;
    std::vector<std::uint64_t> types_;
};

}  // namespace vmbuddies::xen
