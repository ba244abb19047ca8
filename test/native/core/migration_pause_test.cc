// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <thread>

#include "core/control.h"
#include "core/migration.h"
#include "scripted_migration.h"

using namespace vmbuddies;
using namespace std::chrono_literals;
using test::ScriptedMigration;

namespace {

const MigrationOptions kHeld{.stop_rule = StopRule::xen_modern(), .hold_when_prepared = true};

MigrationOptions with_max_pause(std::chrono::milliseconds max_pause) {
    MigrationOptions options = kHeld;
    options.max_pause = max_pause;
    return options;
}

MigrationFailed failure_of(ScriptedMigration& m) {
    try {
        m.migration->run();
    } catch (const MigrationFailed& failed) {
        return failed;
    }
    FAIL("it should have failed");
    throw std::logic_error("unreachable");
}

}  // namespace

TEST_CASE("a guest whose destination never answers runs on here when its pause is spent, without any order") {
    ScriptedMigration m(64, with_max_pause(20ms));
    m.domain.gap_seconds = 0.021;
    m.script = [&](const std::string& call) {
        while (call == "await_prepared" && !m.destination.stop.stop_requested()) std::this_thread::yield();
    };
    const Outcome outcome = m.migration->run();
    CHECK(outcome.state == State::kAborted);
    CHECK(outcome.where == Where::kSource);
    CHECK(outcome.overran);
    CHECK(outcome.downtime_seconds >= 0.020);
    CHECK(outcome.guest_gap_seconds == 0.021);
    CHECK_FALSE(m.domain.suspended);
    CHECK_FALSE(m.domain.logging);
    CHECK(m.destination.aborts == 1);
}

TEST_CASE("a guest that is prepared and hears nothing more runs on here when its pause is spent") {
    ScriptedMigration m(64, with_max_pause(20ms));
    const Outcome outcome = m.migration->run();
    CHECK(outcome.overran);
    CHECK_FALSE(m.domain.suspended);
    CHECK(m.states == "precopy waiting stopping prepared aborted");
}

TEST_CASE("the guest runs again before its destination is told to drop the copy") {
    ScriptedMigration m(64, kHeld);
    int aborts_at_resume = -1;
    m.script = [&](const std::string& call) {
        if (call == "state prepared") m.migration->abort();
        if (call == "resume") aborts_at_resume = m.destination.aborts;
    };
    CHECK(m.migration->run().state == State::kAborted);
    CHECK(aborts_at_resume == 0);
    CHECK(m.destination.aborts == 1);
}

TEST_CASE("a pledge is refused after the pause was spent, and outlasts it when it comes first") {
    Control late(kUnlimited);
    late.overrun();
    CHECK_FALSE(late.pledge());
    CHECK(late.overran());
    CHECK_THROWS_AS(late.orders(), Aborted);

    Control early(kUnlimited);
    CHECK(early.pledge());
    early.overrun();
    CHECK_FALSE(early.overran());
    CHECK_FALSE(early.orders().commit);
    early.abort();  // the decision may still be to abort
    CHECK_THROWS_AS(early.orders(), Aborted);
}

TEST_CASE("an order to commit binds: neither abort() nor a spent pause nor an end of the process undoes it") {
    ScriptedMigration m(64, with_max_pause(1h));
    m.destination.gap_seconds = 0.5;
    m.script = [&](const std::string& call) {
        if (call != "state prepared") return;
        CHECK(m.migration->pledge());
        m.migration->commit();
        m.migration->abort();
        m.migration->abandon();
    };
    const Outcome outcome = m.migration->run();
    CHECK(outcome.state == State::kCommitted);
    CHECK(outcome.guest_gap_seconds == 0.5);
    CHECK(m.destination.committed);
}

TEST_CASE("an abort binds: an order to commit that comes after it starts nothing") {
    ScriptedMigration m(64, kHeld);
    m.script = [&](const std::string& call) {
        if (call != "state prepared") return;
        m.migration->abort();
        CHECK_FALSE(m.migration->pledge());
        m.migration->commit();
    };
    CHECK(m.migration->run().state == State::kAborted);
    CHECK_FALSE(m.destination.committed);
    CHECK_FALSE(m.domain.suspended);
}

TEST_CASE("whoever is abandoned before the pledge runs on here; after it the decision may be on record") {
    ScriptedMigration before(64, kHeld);
    before.script = [&](const std::string& call) {
        if (call == "state prepared") before.migration->abandon();
    };
    CHECK(before.migration->run().state == State::kAborted);
    CHECK_FALSE(before.domain.suspended);

    ScriptedMigration after(64, kHeld);
    after.script = [&](const std::string& call) {
        if (call != "state prepared") return;
        CHECK(after.migration->pledge());
        after.migration->abandon();
    };
    const MigrationFailed failed = failure_of(after);
    CHECK(failed.where == Where::kUnknown);
    CHECK(failed.code() == ErrorCode::kState);
    CHECK(after.domain.suspended);
    CHECK_FALSE(after.domain.logging);
    CHECK_FALSE(after.destination.committed);
    CHECK(after.destination.aborts == 1);
}

TEST_CASE("a failed migration says what it had come to: bytes, rounds and the pause that there was") {
    ScriptedMigration m(64, kHeld);
    m.script = [&](const std::string& call) {
        if (call == "await_prepared") throw Error(ErrorCode::kPeer, "test", "The link broke.");
    };
    const MigrationFailed failed = failure_of(m);
    CHECK(failed.where == Where::kSource);
    CHECK(failed.outcome.sent_bytes == m.destination.received.size());
    CHECK(failed.outcome.rounds.size() == m.rounds.size());
    CHECK(failed.outcome.present_pages == 64);
    CHECK(failed.outcome.downtime_seconds > 0);
    CHECK_FALSE(failed.outcome.overran);
}
