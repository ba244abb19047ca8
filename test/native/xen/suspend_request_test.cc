// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <chrono>
#include <optional>

#include "core/error.h"
#include "xen/suspend_request.h"

namespace vmbuddies::xen::test {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

/// A guest on a clock of its own, which acknowledges and stops so long after it was asked.
class ScriptedGuest : public Suspendable {
   public:
    std::optional<milliseconds> acknowledges_after;
    std::optional<milliseconds> stops_after;
    std::optional<milliseconds> dies_after;
    bool suspended_before = false;

    TimePoint now() const override { return now_; }
    RunState state() override {
        if (reached(dies_after)) throw Error(ErrorCode::kDomainGone, "suspend", "The guest has crashed.");
        const bool stopped = suspended_before || (!taken_back && reached(stops_after));
        return stopped && !resumed ? RunState::kSuspended : RunState::kRunning;
    }
    void ask() override { asked_at_ = now_; }
    bool take_back() override {
        taken_back = !reached(acknowledges_after);
        return taken_back;
    }
    void await_change(TimePoint deadline) override {
        ++waits;
        now_ = deadline;
    }
    void resume() override { resumed = true; }

    bool asked() const { return asked_at_.has_value(); }
    milliseconds since_asked() const { return std::chrono::duration_cast<milliseconds>(now_ - *asked_at_); }
    bool taken_back = false;
    bool resumed = false;
    int waits = 0;

   private:
    bool reached(const std::optional<milliseconds>& after) const {
        return asked() && after && now_ - *asked_at_ >= *after;
    }

    TimePoint now_{1h};
    std::optional<TimePoint> asked_at_;
};

TEST_CASE("a guest that stops in time is suspended") {
    ScriptedGuest guest;
    guest.acknowledges_after = 30ms;
    guest.stops_after = 100ms;
    CHECK(request_suspend(guest, 1s) == SuspendOutcome::kSuspended);
    CHECK(guest.since_asked() == 100ms);
    CHECK(!guest.resumed);
}

TEST_CASE("a guest that is suspended already is not asked") {
    ScriptedGuest guest;
    guest.suspended_before = true;
    CHECK(request_suspend(guest, 1s) == SuspendOutcome::kSuspended);
    CHECK(!guest.asked());
}

TEST_CASE("a request that the guest does not see in time is taken back, and has no effect later") {
    ScriptedGuest guest;
    guest.acknowledges_after = 1100ms;
    guest.stops_after = 1200ms;
    CHECK(request_suspend(guest, 1s) == SuspendOutcome::kTakenBack);
    CHECK(guest.since_asked() == 1s);
    guest.await_change(guest.now() + 1s);
    CHECK(guest.state() == RunState::kRunning);
}

TEST_CASE("a guest that acknowledges at the last moment, and then stops, is resumed") {
    ScriptedGuest guest;
    guest.acknowledges_after = 1s;
    guest.stops_after = 3s;
    CHECK(request_suspend(guest, 1s) == SuspendOutcome::kTooLate);
    CHECK(guest.resumed);
    CHECK(guest.since_asked() == 3s);
    CHECK(guest.state() == RunState::kRunning);
}

TEST_CASE("a guest that acknowledges and finds that it cannot stop has given up when Linux would have") {
    ScriptedGuest guest;
    guest.acknowledges_after = 10ms;
    CHECK(request_suspend(guest, 1s) == SuspendOutcome::kGaveUp);
    CHECK(guest.since_asked() == 26s);
    CHECK(!guest.resumed);
}

TEST_CASE("a guest that dies when asked is told of as such, at once") {
    ScriptedGuest guest;
    guest.dies_after = 200ms;
    CHECK_THROWS_WITH_AS(request_suspend(guest, 10s), "The guest has crashed.", Error);
    CHECK(guest.since_asked() == 200ms);
}

TEST_CASE("without patience the request is made and taken back") {
    ScriptedGuest guest;
    guest.stops_after = 1ms;
    CHECK(request_suspend(guest, 0ms) == SuspendOutcome::kTakenBack);
    CHECK(guest.asked());
    CHECK(guest.waits == 0);
}

}  // namespace
}  // namespace vmbuddies::xen::test
