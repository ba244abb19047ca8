// SPDX-License-Identifier: MIT
#include "ordered_engine.h"

#include <sys/prctl.h>

#include "error.h"

namespace vmbuddies {
namespace {

// The kernel delays a thread's timers by 50 us to save power; a paced loop waits thousands of times a second.
class PreciseTimers {
   public:
    PreciseTimers() noexcept { ::prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL); }
    ~PreciseTimers() { ::prctl(PR_SET_TIMERSLACK, static_cast<unsigned long>(before_), 0UL, 0UL, 0UL); }
    PreciseTimers(const PreciseTimers&) = delete;
    PreciseTimers& operator=(const PreciseTimers&) = delete;

   private:
    const int before_ = ::prctl(PR_GET_TIMERSLACK, 0UL, 0UL, 0UL, 0UL);
};

}  // namespace

Outcome OrderedEngine::run() {
    if (started_.exchange(true)) throw Error(ErrorCode::kState, "migrate", "A migration can be run only once.");
    const PreciseTimers precise_timers;
    return run_once(control_);
}

}  // namespace vmbuddies
