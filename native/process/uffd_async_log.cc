// SPDX-License-Identifier: MIT
#include "process/uffd_async_log.h"

#include <utility>

#include "process/control_block.h"
#include "process/process_domain.h"

namespace vmbuddies::process {

UffdAsyncLog::UffdAsyncLog(ProcessDomain& domain, LogLock lock)
    : lock_(std::move(lock)),
      pages_(domain.pages()),
      scanner_(domain.pid(), domain.control().memory_address.load(), domain.pages()) {
    scanner_.arm();
}

std::uint64_t UffdAsyncLog::count() {
    std::uint64_t pages = 0;
    scanner_.peek(0, pages_, [&](Pfn, std::uint64_t count) { pages += count; });
    return pages;
}

void UffdAsyncLog::peek(Pfn first, Pfn last, Bitmap& out) {
    out.clear_range(first, last);
    scanner_.peek(first, last, [&](Pfn begin, std::uint64_t count) { out.set_range(begin, begin + count); });
}

void UffdAsyncLog::clean(Bitmap& out) {
    scanner_.clean(0, pages_, [&](Pfn begin, std::uint64_t count) { out.set_range(begin, begin + count); });
}

}  // namespace vmbuddies::process
