// SPDX-License-Identifier: MIT
#pragma once
#include <cstddef>
#include <cstdint>

#include "core/page.h"

namespace vmbuddies::process {

/// 64-bit digest of a guest's memory of `pages` pages, mapped at `memory` from `memory_fd`. A hole counts as a page of
/// zeros and stays a hole. GuestHeader::pacing counts as zeros too. Not cryptographic: it finds accidents.
std::uint64_t digest_memory(int memory_fd, const std::byte* memory, Pfn pages);

}  // namespace vmbuddies::process
