// SPDX-License-Identifier: MIT
#pragma once
#include <chrono>

#include "bitmap.h"
#include "domain.h"

namespace vmbuddies {

/// Tells, of the pages a round is about to send, which are dirty again: sending those now would be for nothing.
/// Looks at the dirty log for a stretch of pages ahead, and again when the look is old or the stretch used up, so that
/// looking stays cheap against sending, at any rate and however far apart the pages are.
class PeekAhead {
   public:
    /// 256 MiB of guest: some 0.1 ms for the dirty log, 50 ms for the fastest link.
    static constexpr Pfn kStretchPages = 65536;
    static constexpr std::chrono::milliseconds kMaxAge{50};

    PeekAhead(Domain& domain, Pfn end_pfn) : domain_(domain), log_(end_pfn) {}

    /// What was seen is of the past: the log was cleaned, or a look is old.
    void forget() noexcept { first_ = last_ = 0; }
    void forget_if_old() noexcept;

    /// A look at the log, when one is due, adds to `log_seconds`.
    bool dirty_again(Pfn page, double& log_seconds);

   private:
    Domain& domain_;
    Bitmap log_;
    Pfn first_ = 0;  ///< the stretch looked at is [first_, last_)
    Pfn last_ = 0;
    std::chrono::steady_clock::time_point looked_at_;
};

}  // namespace vmbuddies
