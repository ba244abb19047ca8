// SPDX-License-Identifier: MIT
#include "xen/hypercall_buffer.h"

#include <bit>

#include "core/page.h"

namespace vmbuddies::xen {

HypercallBuffer::HypercallBuffer(XenDomain::Connections& guest, std::uint64_t pages) : guest_(guest) {
    constexpr std::uint64_t kBitsPerPage = kPageSize * 8;
    buffer_pages_ = static_cast<int>((pages + kBitsPerPage - 1) / kBitsPerPage);
    buffer_.ubuf = std::bit_cast<void*>(std::intptr_t{-1});  // as XC__HYPERCALL_BUFFER_INIT_NO_BOUNCE
    const void* const memory =
        guest_.libraries().xc_hypercall_buffer_alloc_pages(guest_.control(), &buffer_, buffer_pages_);
    if (memory == nullptr) {
        guest_.fail(ErrorCode::kMemory, "dirty log",
                    "No memory for the bitmap of " + guest_.name() + "'s " + std::to_string(pages) + " pages");
    }
    words_ = {static_cast<const std::uint64_t*>(memory),
              static_cast<std::size_t>(buffer_pages_) * kPageSize / sizeof(std::uint64_t)};
}

HypercallBuffer::~HypercallBuffer() {
    guest_.libraries().xc_hypercall_buffer_free_pages(guest_.control(), &buffer_, buffer_pages_);
}

}  // namespace vmbuddies::xen
