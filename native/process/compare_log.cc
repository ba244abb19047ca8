// SPDX-License-Identifier: MIT
#include "process/compare_log.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/error.h"
#include "process/data_ranges.h"
#include "process/process_domain.h"

namespace vmbuddies::process {

CompareLog::CompareLog(ProcessDomain& domain, LogLock lock)
    : lock_(std::move(lock)), domain_(domain), copy_(Mapping::anonymous(domain.pages() << kPageShift)) {
    for_each_data_range(domain.memory_fd(), 0, domain.pages(), [&](Pfn first, std::uint64_t count) {
        std::memcpy(copy_of(first), domain.memory() + (first << kPageShift), count << kPageShift);
    });
}

std::uint64_t CompareLog::count() {
    std::uint64_t pages = 0;
    for_each_difference(0, domain_.pages(), [&](Pfn) { ++pages; });
    return pages;
}

void CompareLog::peek(Pfn first, Pfn last, Bitmap& out) {
    out.clear_range(first, last);
    for_each_difference(first, last, [&](Pfn page) { out.set(page); });
}

void CompareLog::clean(Bitmap& out) {
    for_each_difference(0, domain_.pages(), [&](Pfn page) {
        // The guest may be in the middle of a write. Then the copy is torn, and the page will differ from it again.
        std::memcpy(copy_of(page), domain_.memory() + (page << kPageShift), kPageSize);
        out.set(page);
    });
}

void CompareLog::for_each_difference(Pfn first, Pfn last, const std::function<void(Pfn)>& visit) {
    for_each_data_range(domain_.memory_fd(), first, std::min(last, domain_.pages()),
                        [&](Pfn begin, std::uint64_t count) {
                            for (Pfn page = begin; page < begin + count; ++page) {
                                if (std::memcmp(copy_of(page), domain_.memory() + (page << kPageShift), kPageSize) != 0)
                                    visit(page);
                            }
                        });
    if (!domain_.alive())
        throw Error(ErrorCode::kDomainGone, "dirty log", "The guest of " + domain_.name() + " has ended.");
}

}  // namespace vmbuddies::process
