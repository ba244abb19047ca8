// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <cstring>

#include "page.h"

namespace vmbuddies {

/// Is every byte of the page zero? Runs at memory speed where it is. The guest may write meanwhile: the answer is then
/// about no particular instant, and the page is dirty again.
inline bool is_zero_page(const std::byte* page) noexcept {
    // Most pages tell at once; memcmp is worth its call only for the others.
    std::uint64_t head[2];
    std::memcpy(head, page, sizeof head);
    if ((head[0] | head[1]) != 0) return false;
    // Each byte equals the one 16 before it, and the first 16 are zero.
    return std::memcmp(page, page + sizeof head, kPageSize - sizeof head) == 0;
}

}  // namespace vmbuddies
