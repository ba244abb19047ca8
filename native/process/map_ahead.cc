// SPDX-License-Identifier: MIT
#include "process/map_ahead.h"

#include <sys/mman.h>

#include <algorithm>
#include <system_error>

#include "core/error.h"
#include "process/data_ranges.h"
#include "process/process_domain.h"

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22  // Linux 5.14
#endif

namespace vmbuddies::process {
namespace {

/// 4 MiB, some 1.5 ms: for so long no other thread of this process can map or unmap anything.
constexpr Pfn kStepPages = 1024;

void map(const ProcessDomain& domain, const std::stop_token& stop) {
    for (Pfn step = 0; step < domain.pages() && !stop.stop_requested(); step += kStepPages) {
        const Pfn end = std::min(step + kStepPages, domain.pages());
        for_each_data_range(domain.memory_fd(), step, end, [&](Pfn first, std::uint64_t count) {
            ::madvise(domain.memory() + (first << kPageShift), count << kPageShift, MADV_POPULATE_READ);
        });
    }
}

}  // namespace

MapAhead::MapAhead(const ProcessDomain& domain) noexcept {
    try {
        thread_ = std::jthread([&domain](const std::stop_token& stop) {
            try {
                map(domain, stop);
            } catch (const Error&) {
                // Whoever needs the memory will find the same and say so.
            }
        });
    } catch (const std::system_error&) {
        // No thread can be had: the pages fault in one by one.
    }
}

}  // namespace vmbuddies::process
