// SPDX-License-Identifier: MIT
#pragma once
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "control.h"

namespace vmbuddies {

/// Tells a migration that its guest has stood still for as long as it may. On a thread of its own, for the
/// migration's own may be waiting for the other side, and whoever gives its orders may be held up by anything.
class PauseWatch {
   public:
    /// Calls `control.overrun()` at `deadline`, unless it is destroyed before.
    PauseWatch(Control& control, Control::TimePoint deadline)
        : thread_([this, &control, deadline](const std::stop_token& stop) {
              std::unique_lock lock(mutex_);
              wake_.wait_until(lock, stop, deadline, [] { return false; });
              if (!stop.stop_requested()) control.overrun();
          }) {}

   private:
    std::mutex mutex_;
    std::condition_variable_any wake_;
    std::jthread thread_;  // last: it uses all of the above
};

}  // namespace vmbuddies
