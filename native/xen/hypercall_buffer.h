// SPDX-License-Identifier: MIT
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>

#include "xen/connections.h"

namespace vmbuddies::xen {

/// Memory that the hypervisor writes bitmaps into: locked, and left out of forked children.
class HypercallBuffer {
   public:
    /// One bit for each of `pages`, in whole pages as the hypervisor fills them. kMemory.
    HypercallBuffer(XenDomain::Connections& guest, std::uint64_t pages);
    HypercallBuffer(const HypercallBuffer&) = delete;
    HypercallBuffer& operator=(const HypercallBuffer&) = delete;
    ~HypercallBuffer();

    abi::HypercallBuffer* get() noexcept { return &buffer_; }
    std::span<const std::uint64_t> words() const noexcept { return words_; }

   private:
    XenDomain::Connections& guest_;
    abi::HypercallBuffer buffer_{};
    int buffer_pages_;
    std::span<const std::uint64_t> words_;
};

}  // namespace vmbuddies::xen
