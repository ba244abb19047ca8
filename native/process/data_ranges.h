// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <functional>

#include "core/page.h"

namespace vmbuddies::process {

/// Calls visit(first, count) for every run of pages in [first, last) of a memory file that hold data, ascending.
/// Holes are never touched: reading one through a mapping would allocate it. kSystem if the file cannot tell.
void for_each_data_range(int memory_fd, Pfn first, Pfn last, const std::function<void(Pfn, std::uint64_t)>& visit);

}  // namespace vmbuddies::process
