// SPDX-License-Identifier: MIT
#include "xen/foreign_mapping.h"

#include <sys/mman.h>

namespace vmbuddies::xen {

void ForeignMapping::map(std::span<const Pfn> pages, std::span<const std::byte*> out) {
    unmap();
    if (pages.empty()) return;
    errors_.assign(pages.size(), 0);
    base_ = guest_.libraries().xenforeignmemory_map(guest_.memory(), guest_.domid(), PROT_READ, pages.size(),
                                                    pages.data(), errors_.data());
    if (base_ == nullptr) {
        guest_.fail(ErrorCode::kMemory, "map pages",
                    std::to_string(pages.size()) + " pages of " + guest_.name() + " cannot be mapped");
    }
    count_ = pages.size();
    for (std::size_t i = 0; i < count_; ++i) {
        out[i] = errors_[i] == 0 ? static_cast<const std::byte*>(base_) + (i << kPageShift) : nullptr;
    }
}

void ForeignMapping::unmap() noexcept {
    if (base_ != nullptr) guest_.libraries().xenforeignmemory_unmap(guest_.memory(), base_, count_);
    base_ = nullptr;
}

}  // namespace vmbuddies::xen
