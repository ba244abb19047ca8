// SPDX-License-Identifier: MIT
#pragma once
#include <cstddef>
#include <cstdint>

namespace vmbuddies {

/// A guest page is 4096 bytes everywhere in this project, as it is in Xen's stream (page_shift 12).
inline constexpr std::size_t kPageSize = 4096;
inline constexpr unsigned kPageShift = 12;

/// Number of a page in its domain: a gfn for Xen, the offset in the memory file for process domains.
using Pfn = std::uint64_t;

}  // namespace vmbuddies
