// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <new>
#include <set>

#include "core/migration.h"
#include "scripted_migration.h"

using namespace vmbuddies;
using namespace std::chrono_literals;
using test::ScriptedMigration;

namespace {

/// A migration that makes every call there is in every state it can be made in: two live rounds, a wait with a
/// round of its own and a heartbeat, both barriers.
struct WholeMigration : ScriptedMigration {
    WholeMigration()
        : ScriptedMigration(300, {.stop_rule = {.name = "two", .max_rounds = 2},
                                  .hold_at_synchropoint = true,
                                  .hold_when_prepared = true,
                                  .heartbeat_interval = 1ms}) {
        script = [this](const std::string& call) {
            const std::size_t number = calls.size();
            calls.push_back(call);
            live(call);
            if (number == event_at) {
                failed_call = call;
                state_then = states.substr(states.rfind(' ') + 1);
                event();
            }
        };
    }

    /// The guest's writes and the orders, at their places.
    void live(const std::string& call) {
        if (call == "dirty_count") {
            ++counts;
            if (counts <= 2) domain.write_range(0, 20, static_cast<unsigned char>(counts));
            if (counts == 4) domain.write_range(20, 200, 5);
            if (counts == 6) migration->stop_and_copy();
        }
        if (call == "state prepared") migration->commit();
    }

    std::vector<std::string> calls;
    int counts = 0;
    std::size_t event_at = SIZE_MAX;
    std::function<void()> event;
    std::string failed_call;
    std::string state_then;
};

void check_guest_is_here(const WholeMigration& m) {
    CHECK_FALSE(m.domain.suspended);
    CHECK_FALSE(m.domain.logging);
    CHECK(m.destination.aborts == 1);
    CHECK_FALSE(m.destination.committed);
    CHECK(m.states.ends_with("aborted"));
}

std::vector<std::string> calls_of_a_whole_migration() {
    WholeMigration m;
    CHECK(m.migration->run().state == State::kCommitted);
    m.check_memory();
    const std::set<std::string> distinct(m.calls.begin(), m.calls.end());
    for (const char* call : {"end_pfn", "present_pages", "enable_dirty_log", "dirty_count", "peek_dirty",
                             "clean_dirty(live)", "clean_dirty(final)", "map_pages", "suspend", "write_tail", "write",
                             "check_alive", "await_prepared", "commit"}) {
        CHECK_MESSAGE(distinct.contains(call), call);
    }
    return m.calls;
}

bool is_state(const std::string& call) { return call.starts_with("state "); }

}  // namespace

TEST_CASE("whatever call fails, in whatever state, the guest is where the failure says") {
    const std::vector<std::string> calls = calls_of_a_whole_migration();
    for (std::size_t at = 0; at < calls.size(); ++at) {
        if (is_state(calls[at])) continue;  // observers must not throw
        WholeMigration m;
        m.event_at = at;
        m.event = [&] { throw Error(ErrorCode::kDomainGone, "probe", "The probe failed.", 5); };
        CAPTURE(at);
        try {
            m.migration->run();
            FAIL("no error");
        } catch (const MigrationFailed& failure) {
            CAPTURE(m.failed_call);
            CHECK(failure.code() == ErrorCode::kDomainGone);
            CHECK(failure.operation() == "probe");
            CHECK(failure.errno_value() == 5);
            CHECK(std::string(failure.what()) == "The probe failed.");
            CHECK(state_name(failure.state) == (m.state_then.empty() ? "idle" : m.state_then));
            if (m.failed_call == "commit") {
                CHECK(failure.where == Where::kUnknown);
                CHECK(m.domain.suspended);
                CHECK_FALSE(m.domain.logging);
                CHECK(m.destination.aborts == 0);
                CHECK(m.states.ends_with("prepared"));
            } else {
                CHECK(failure.where == Where::kSource);
                check_guest_is_here(m);
            }
        }
    }
}

TEST_CASE("abort works from whatever state, up to the commit") {
    const std::vector<std::string> calls = calls_of_a_whole_migration();
    for (std::size_t at = 0; at < calls.size(); ++at) {
        WholeMigration m;
        m.event_at = at;
        m.event = [&] {
            m.migration->abort();
            m.migration->abort();
        };
        const Outcome outcome = m.migration->run();
        CAPTURE(at);
        CAPTURE(m.failed_call);
        // In the state "prepared" the order to commit came just before it, and binds.
        if (m.failed_call == "state prepared" || m.failed_call == "commit" || m.failed_call == "state committed") {
            CHECK(outcome.state == State::kCommitted);
            CHECK(outcome.where == Where::kDestination);
            CHECK(m.destination.aborts == 0);
        } else {
            CHECK(outcome.state == State::kAborted);
            CHECK(outcome.where == Where::kSource);
            CHECK(outcome.sent_bytes == m.destination.received.size());
            CHECK(outcome.started_at == 0);
            CHECK((outcome.downtime_seconds > 0) == (outcome.suspended_at > 0));
            check_guest_is_here(m);
        }
    }
}

TEST_CASE("memory that runs out is a failure like any other") {
    for (const char* call : {"map_pages", "commit"}) {
        WholeMigration m;
        m.script = [&, live = m.script](const std::string& name) {
            live(name);
            if (name == call) throw std::bad_alloc();
        };
        try {
            m.migration->run();
            FAIL("no error");
        } catch (const MigrationFailed& failure) {
            CHECK(failure.code() == ErrorCode::kSystem);
            CHECK(failure.where == (std::string(call) == "commit" ? Where::kUnknown : Where::kSource));
        }
        CHECK_FALSE(m.domain.logging);
    }
}

TEST_CASE("a guest that does not stop in time runs on, and was never suspended") {
    WholeMigration m;
    m.script = [&, live = m.script](const std::string& name) {
        live(name);
        CHECK(name != "resume");
        if (name == "suspend") throw Error(ErrorCode::kSuspend, "suspend", "The guest did not stop within 5000 ms.");
    };
    try {
        m.migration->run();
        FAIL("no error");
    } catch (const MigrationFailed& failure) {
        CHECK(failure.code() == ErrorCode::kSuspend);
        CHECK(failure.state == State::kStopping);
        CHECK(failure.where == Where::kSource);
    }
    check_guest_is_here(m);
}

TEST_CASE("a commit that is refused leaves the guest here") {
    WholeMigration m;
    m.script = [&, live = m.script](const std::string& name) {
        live(name);
        if (name == "commit") throw Error(ErrorCode::kPeerRefused, "commit", "The other side dropped its copy.");
    };
    try {
        m.migration->run();
        FAIL("no error");
    } catch (const MigrationFailed& failure) {
        CHECK(failure.code() == ErrorCode::kPeerRefused);
        CHECK(failure.state == State::kPrepared);
        CHECK(failure.where == Where::kSource);
    }
    check_guest_is_here(m);
}

TEST_CASE("a dirty log that belongs to somebody else is left alone") {
    WholeMigration m;
    m.domain.logging = true;
    m.script = [&](const std::string& name) {
        if (name == "enable_dirty_log") throw Error(ErrorCode::kDirtyLogBusy, "enable", "It is busy.");
    };
    CHECK_THROWS_AS(m.migration->run(), MigrationFailed);
    CHECK(m.domain.logging);
}

TEST_CASE("a guest that cannot be resumed is reported with the cause") {
    WholeMigration m;
    bool abort = false;
    SUBCASE("after a failure") {}
    SUBCASE("after an abort") { abort = true; }
    m.script = [&, live = m.script](const std::string& name) {
        live(name);
        if (name == "resume") throw Error(ErrorCode::kDomainGone, "resume", "It is gone.");
        if (name != "await_prepared") return;
        if (!abort) throw Error(ErrorCode::kPeerRefused, "prepare", "The other side said no.");
        m.migration->abort();
    };
    try {
        m.migration->run();
        FAIL("no error");
    } catch (const MigrationFailed& failure) {
        CHECK(failure.code() == (abort ? ErrorCode::kDomainGone : ErrorCode::kPeerRefused));
        CHECK(std::string(failure.what()) == std::string(abort ? "" : "The other side said no. ") +
                                                 "The guest is still suspended at the source: It is gone.");
        CHECK(failure.state == State::kStopping);
        CHECK(failure.where == Where::kSource);
    }
    CHECK_FALSE(m.domain.logging);
    CHECK(m.destination.aborts == 1);
}
