// SPDX-License-Identifier: MIT
#include "xen/page_types.h"

namespace vmbuddies::xen {

void PageTypes::query(std::span<const Pfn> pages) {
    types_.assign(pages.begin(), pages.end());
    if (guest_.libraries().xc_get_pfn_type_batch(guest_.control(), guest_.domid(), static_cast<unsigned>(types_.size()),
                                                 types_.data()) != 0) {
        guest_.fail(ErrorCode::kMemory, "present pages",
                    "The hypervisor does not tell the types of " + guest_.name() + "'s pages");
    }
}

}  // namespace vmbuddies::xen
