// SPDX-License-Identifier: MIT
#include "process/guest/self_check.h"

#include <algorithm>

namespace vmbuddies::process {

bool SelfCheck::slice() noexcept {
    constexpr Pfn kSlicePages = 256;  // about a tenth of a millisecond
    const Pfn end = std::min(next_ + kSlicePages, memory_.pages());
    for (; next_ < end; ++next_) {
        const std::uint32_t version = memory_.version(next_);
        if (version != GuestMemory::kFree) sum_ += version;
        if (memory_.check(next_)) continue;
        if (bad_pages_++ == 0) first_bad_page_ = next_;
    }
    return next_ == memory_.pages();
}

}  // namespace vmbuddies::process
