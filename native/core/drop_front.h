// SPDX-License-Identifier: MIT
#pragma once
#include <sys/uio.h>

#include <cstddef>
#include <span>

namespace vmbuddies {

/// Drops the first `bytes` of a list of parts: whole parts go (empty ones too), the next one is cut.
inline std::span<iovec> drop_front(std::span<iovec> parts, std::size_t bytes) noexcept {
    while (!parts.empty() && bytes >= parts.front().iov_len) {
        bytes -= parts.front().iov_len;
        parts = parts.subspan(1);
    }
    if (bytes > 0) {
        parts.front().iov_base = static_cast<std::byte*>(parts.front().iov_base) + bytes;
        parts.front().iov_len -= bytes;
    }
    return parts;
}

}  // namespace vmbuddies
