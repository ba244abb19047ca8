// SPDX-License-Identifier: MIT
#include "peek_ahead.h"

#include <algorithm>

#include "stopwatch.h"

namespace vmbuddies {

void PeekAhead::forget_if_old() noexcept {
    if (std::chrono::steady_clock::now() - looked_at_ > kMaxAge) forget();
}

bool PeekAhead::dirty_again(Pfn page, double& log_seconds) {
    if (page < first_ || page >= last_) {
        const Stopwatch stopwatch(log_seconds);
        const Pfn last = page + std::min(kStretchPages, log_.size() - page);
        domain_.peek_dirty(page, last, log_);
        first_ = page;
        last_ = last;
        looked_at_ = std::chrono::steady_clock::now();
    }
    return log_.test(page);
}

}  // namespace vmbuddies
