// SPDX-License-Identifier: MIT
#pragma once
#include <chrono>

#include "xen/xen_domain.h"

namespace vmbuddies::xen {

/// A guest as someone sees it who asks it to suspend itself.
class Suspendable {
   public:
    using TimePoint = std::chrono::steady_clock::time_point;

    virtual ~Suspendable() = default;
    virtual TimePoint now() const = 0;
    /// Throws kDomainGone in place of kDying.
    virtual RunState state() = 0;
    virtual void ask() = 0;
    /// False if the guest has acknowledged the request already: then nobody but the guest knows what comes of it.
    virtual bool take_back() = 0;
    /// Returns at the latest at `deadline`, and early if something may have changed.
    virtual void await_change(TimePoint deadline) = 0;
    virtual void resume() = 0;
};

enum class SuspendOutcome {
    kSuspended,
    kTakenBack,  ///< it did not take notice in time; it runs on
    kTooLate,    ///< it stopped after the time-out, and was resumed
    kGaveUp,     ///< it acknowledged, and runs on
};

/// Asks and waits. What does not happen within `timeout` does not happen: a guest that stops later is resumed.
/// Longest stay: `timeout` and 25 s, the time a Linux guest takes to find that it cannot stop.
SuspendOutcome request_suspend(Suspendable& guest, std::chrono::milliseconds timeout);

}  // namespace vmbuddies::xen
