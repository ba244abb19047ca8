// SPDX-License-Identifier: MIT
#include "xen/suspend.h"

#include "xen/connections.h"
#include "xen/domain_flags.h"
#include "xen/suspend_request.h"

namespace vmbuddies::xen {
namespace {

constexpr const char* kOperation = "suspend";
constexpr const char* kRequest = "suspend";
// For xc_domain_resume: the suspend call returns "cancelled" to the guest, which keeps its devices connected.
constexpr int kSuspendCancelled = 1;

/// The way that every PV-aware guest understands: xenstore's control/shutdown, which the guest empties to acknowledge.
class XenbusSuspend : public Suspendable {
   public:
    explicit XenbusSuspend(XenDomain::Connections& guest)
        : guest_(guest),
          node_(guest.path("control/shutdown")),
          acknowledgement_(guest.store(), node_),
          shutdown_(guest.store(), "@releaseDomain") {}

    TimePoint now() const override { return std::chrono::steady_clock::now(); }
    RunState state() override { return run_state(guest_.require_alive(kOperation).flags); }
    void ask() override { guest_.store().write(node_, kRequest); }

    // In a transaction: an acknowledgement is either seen, or comes too late to take back what is taken back.
    bool take_back() override {
        return guest_.store().transact([this](Xenstore::TransactionId transaction) {
            if (guest_.store().read(node_, transaction) != kRequest) return false;
            guest_.store().write(node_, "", transaction);
            return true;
        });
    }

    void await_change(TimePoint deadline) override { guest_.store().await_change(deadline); }
    void resume() override { resume_guest(guest_); }

   private:
    XenDomain::Connections& guest_;
    const std::string node_;
    const Xenstore::Watch acknowledgement_;
    const Xenstore::Watch shutdown_;
};

[[noreturn]] void not_suspended(const std::string& why) { throw Error(ErrorCode::kSuspend, kOperation, why); }

}  // namespace

void suspend_guest(XenDomain::Connections& guest, std::chrono::milliseconds timeout) {
    // control/feature-suspend is no reason to refuse: Linux writes it when it boots, and not where it has moved to.
    const std::string within = " within " + std::to_string(timeout.count()) + " ms";
    XenbusSuspend request(guest);
    switch (request_suspend(request, timeout)) {
        case SuspendOutcome::kSuspended:
            return;
        case SuspendOutcome::kTakenBack:
            not_suspended(guest.name() + " did not answer the request to suspend" + within + "; it runs on.");
        case SuspendOutcome::kTooLate:
            not_suspended(guest.name() + " did not stop" + within + ", but later; it was resumed and runs on.");
        case SuspendOutcome::kGaveUp:
            not_suspended(guest.name() + " acknowledged the request to suspend, but did not stop" + within +
                          "; it runs on. Its own log says why.");
    }
}

void resume_guest(XenDomain::Connections& guest) {
    constexpr const char* kResume = "resume";
    if (run_state(guest.require_alive(kResume).flags) != RunState::kSuspended) return;
    if (guest.libraries().xc_domain_resume(guest.control(), guest.domid(), kSuspendCancelled) != 0) {
        guest.fail(ErrorCode::kSystem, kResume, guest.name() + " cannot be resumed");
    }
    // Otherwise xenstored takes the next @releaseDomain for old news.
    guest.store().resume_domain(guest.domid());
}

}  // namespace vmbuddies::xen
