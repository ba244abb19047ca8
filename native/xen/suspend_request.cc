// SPDX-License-Identifier: MIT
#include "xen/suspend_request.h"

#include <algorithm>

namespace vmbuddies::xen {
namespace {

// Watches bring the news; this is for one that got lost.
constexpr std::chrono::milliseconds kLook{20};
// Linux stops trying to freeze its tasks after 20 s: a guest that has acknowledged has by then stopped, or runs on.
constexpr std::chrono::milliseconds kUndecided{25'000};

bool await_suspended(Suspendable& guest, Suspendable::TimePoint deadline) {
    for (;;) {
        if (guest.state() == RunState::kSuspended) return true;
        const Suspendable::TimePoint now = guest.now();
        if (now >= deadline) return false;
        guest.await_change(std::min(deadline, now + kLook));
    }
}

}  // namespace

SuspendOutcome request_suspend(Suspendable& guest, std::chrono::milliseconds timeout) {
    if (guest.state() == RunState::kSuspended) return SuspendOutcome::kSuspended;
    guest.ask();
    if (await_suspended(guest, guest.now() + timeout)) return SuspendOutcome::kSuspended;
    if (guest.take_back()) return SuspendOutcome::kTakenBack;
    if (!await_suspended(guest, guest.now() + kUndecided)) return SuspendOutcome::kGaveUp;
    guest.resume();
    return SuspendOutcome::kTooLate;
}

}  // namespace vmbuddies::xen
