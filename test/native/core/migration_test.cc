// SPDX-License-Identifier: MIT
#include "core/migration.h"

#include <doctest/doctest.h>

#include <future>
#include <thread>

#include "scripted_migration.h"

using namespace vmbuddies;
using namespace std::chrono_literals;
using test::ScriptedMigration;

namespace {

constexpr auto kShort = 1ms;  // a heartbeat so short that waiting takes no time in a test

MigrationOptions holding() {
    return {.stop_rule = StopRule::xen_modern(),
            .hold_at_synchropoint = true,
            .hold_when_prepared = true,
            .heartbeat_interval = kShort};
}

}  // namespace

TEST_CASE("an idle guest is migrated in one round and a final one without pages") {
    ScriptedMigration m(1000);
    const Outcome outcome = m.migration->run();
    CHECK(m.states == "precopy waiting stopping prepared committed");
    CHECK(outcome.state == State::kCommitted);
    CHECK(outcome.where == Where::kDestination);
    CHECK(outcome.stop_reason->limit == "dirty-pages");
    CHECK(outcome.present_pages == 1000);
    CHECK(outcome.sent_pages == 1000);
    CHECK(outcome.sent_bytes == m.destination.received.size());
    // 4 batches; headers, STATIC_DATA_END, 4 x (record and batch headers), 1000 entries and pages, tail, END.
    CHECK(outcome.sent_bytes == 24 + 16 + 8 + 4 * 16 + 1000 * (8 + 4096) + 16 + 8);
    REQUIRE(outcome.rounds.size() == 2);
    CHECK(m.rounds.size() == 2);
    CHECK(outcome.rounds[0].kind == RoundKind::kPrecopy);
    CHECK(outcome.rounds[0].sent_pages == 1000);
    CHECK(outcome.rounds[0].sent_bytes == 4 * 16 + 1000 * (8 + 4096));
    CHECK(outcome.rounds[1].kind == RoundKind::kStopAndCopy);
    CHECK(outcome.rounds[1].sent_pages == 0);
    CHECK(outcome.rounds[1].sent_bytes == 16 + 8);
    CHECK(outcome.suspended_at > 0);
    CHECK(outcome.started_at >= outcome.suspended_at);
    CHECK(outcome.downtime_seconds == outcome.started_at - outcome.suspended_at);
    CHECK(outcome.total_seconds >= outcome.downtime_seconds);
    CHECK(m.destination.aborts == 0);
    CHECK(m.domain.suspended);
    CHECK_FALSE(m.domain.logging);
    CHECK(m.domain.present.count() == 1000);
    m.check_memory();
}

TEST_CASE("held at the start it sends no page and leaves the dirty log off until it is told to begin") {
    MigrationOptions options = holding();
    options.hold_at_start = true;
    ScriptedMigration m(1000, options);
    std::promise<void> held;
    bool logging_while_held = true;
    std::size_t checks = 0;
    m.script = [&](const std::string& event) {
        if (event == "check_alive" && m.states.empty() && ++checks == 3) {
            logging_while_held = m.domain.logging;
            held.set_value();
        }
        if (event == "state waiting") m.migration->stop_and_copy();
        if (event == "state prepared") m.migration->commit();
    };
    auto outcome = std::async(std::launch::async, [&] { return m.migration->run(); });
    held.get_future().wait();
    CHECK_FALSE(logging_while_held);
    m.migration->begin();
    CHECK(outcome.get().state == State::kCommitted);
    CHECK(m.states == "precopy waiting stopping prepared committed");
    m.check_memory();
}

TEST_CASE("held at the start it can be aborted, and nothing but the stream's head has been sent") {
    MigrationOptions options = holding();
    options.hold_at_start = true;
    ScriptedMigration m(1000, options);
    std::size_t checks = 0;
    m.script = [&](const std::string& event) {
        if (event == "check_alive" && ++checks == 3) m.migration->abort();
    };
    const Outcome outcome = m.migration->run();
    CHECK(outcome.state == State::kAborted);
    CHECK(outcome.where == Where::kSource);
    CHECK(outcome.sent_pages == 0);
    CHECK(m.destination.aborts == 1);
    CHECK_FALSE(m.domain.suspended);
}

TEST_CASE("a domain without any page can be migrated") {
    ScriptedMigration m(0);
    CHECK(m.migration->run().state == State::kCommitted);
    m.check_memory();
}

TEST_CASE("the log is enabled before the memory is looked at, and the last look is the final one") {
    ScriptedMigration m(8);
    std::string calls;
    m.script = [&](const std::string& call) { calls += call + "; "; };
    m.migration->run();
    CHECK(calls ==
          "end_pfn; write_head; write; write; state precopy; enable_dirty_log; present_pages; peek_dirty; map_pages; "
          "write; dirty_count; "
          "state waiting; check_alive; state stopping; suspend; clean_dirty(final); write_tail; write; write; "
          "await_prepared; state prepared; commit; state committed; ");
}

TEST_CASE("a second run is refused") {
    ScriptedMigration m(8);
    m.migration->run();
    try {
        m.migration->run();
        FAIL("no error");
    } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::kState);
    }
    CHECK(m.states == "precopy waiting stopping prepared committed");
}

TEST_CASE("a rate of 0 is refused") {
    CHECK_THROWS_AS(ScriptedMigration(8, {.stop_rule = StopRule::xen_modern(), .bytes_per_second = 0}), Error);
    ScriptedMigration m(8);
    CHECK_THROWS_AS(m.migration->set_rate(0), Error);
}

TEST_CASE("both barriers hold until they are passed") {
    ScriptedMigration m(100, holding());
    std::promise<void> waiting;
    std::promise<void> prepared;
    m.script = [&](const std::string& call) {
        if (call == "state waiting") waiting.set_value();
        if (call == "state prepared") prepared.set_value();
    };
    auto outcome = std::async(std::launch::async, [&] { return m.migration->run(); });
    waiting.get_future().wait();
    CHECK(outcome.wait_for(20ms) == std::future_status::timeout);
    m.migration->stop_and_copy();
    m.migration->stop_and_copy();
    prepared.get_future().wait();
    CHECK(outcome.wait_for(20ms) == std::future_status::timeout);
    CHECK_FALSE(m.destination.committed);
    m.migration->commit();
    m.migration->commit();
    CHECK(outcome.get().state == State::kCommitted);
    m.migration->abort();
    m.migration->stop_and_copy();
    m.migration->set_rate(5);
    CHECK(m.states == "precopy waiting stopping prepared committed");
    CHECK(m.destination.aborts == 0);
    m.check_memory();
}

TEST_CASE("orders given beforehand are kept") {
    ScriptedMigration m(100, holding());
    m.migration->commit();
    m.migration->stop_and_copy();
    const Outcome outcome = m.migration->run();
    CHECK(outcome.state == State::kCommitted);
    CHECK_FALSE(outcome.stop_reason);
    CHECK(outcome.rounds[0].unsent_pages == 100);
    CHECK(outcome.rounds[1].sent_pages == 100);
    m.check_memory();
}

TEST_CASE("a migration aborted before it runs touches nothing") {
    ScriptedMigration m(8);
    m.migration->abort();
    const Outcome outcome = m.migration->run();
    CHECK(outcome.state == State::kAborted);
    CHECK(outcome.where == Where::kSource);
    CHECK(m.states == "aborted");
    CHECK(m.destination.received.empty());
    CHECK(m.destination.aborts == 1);
}

TEST_CASE("abort and new rates take effect in the midst of a wait for the link") {
    ScriptedMigration m(100, {.stop_rule = StopRule::xen_modern(), .bytes_per_second = 1});
    std::promise<void> paced;
    bool told = false;
    m.script = [&](const std::string& call) {
        // The first write is due at once; the credit of a slow link is two quanta; then it is hours.
        if (call == "check_alive" && !told) {
            told = true;
            paced.set_value();
        }
    };
    auto run = std::async(std::launch::async, [&] { return m.migration->run(); });
    paced.get_future().wait();
    SUBCASE("abort") {
        m.migration->abort();
        const Outcome outcome = run.get();
        CHECK(outcome.state == State::kAborted);
        CHECK(outcome.where == Where::kSource);
        CHECK(outcome.sent_bytes < 100 * kPageSize);
        CHECK(m.destination.aborts == 1);
        CHECK_FALSE(m.domain.logging);
    }
    SUBCASE("a new rate") {
        m.migration->set_rate(2);
        m.migration->set_rate(kUnlimited);
        CHECK(run.get().state == State::kCommitted);
        m.check_memory();
    }
}

TEST_CASE("a peer lost in the midst of a wait for the link is noticed") {
    ScriptedMigration m(100, {.stop_rule = StopRule::xen_modern(), .bytes_per_second = 1});
    m.script = [&](const std::string& call) {
        if (call == "check_alive") throw Error(ErrorCode::kPeer, "check", "The link broke.");
    };
    CHECK_THROWS_AS(m.migration->run(), MigrationFailed);
}

TEST_CASE("under a rate the stream is written in slices of the pacer's quantum") {
    ScriptedMigration m(512, {.stop_rule = StopRule::xen_modern(), .bytes_per_second = 20'000'000});
    CHECK(m.migration->run().state == State::kCommitted);
    CHECK(m.destination.largest_write == 40'000);
    m.check_memory();
}

TEST_CASE("progress tells the state and the round") {
    ScriptedMigration m(512);
    m.migration->run();
    REQUIRE_FALSE(m.progresses.empty());
    CHECK(m.progresses[0].state == State::kPrecopy);
    CHECK(m.progresses[0].round == 0);
    CHECK(m.progresses[0].round_pages == 512);
    CHECK(m.progresses[0].round_done_pages == 256);
    CHECK(m.progresses[0].sent_bytes == 48 + 16 + 256 * 4104);
}

TEST_CASE("observers may be absent") {
    test::Script script;
    test::ScriptedDomain domain(8, script);
    test::ScriptedDestination destination(script, domain.mutex);
    Migration migration(domain, destination, {.stop_rule = StopRule::xen_modern()}, {});
    CHECK(migration.run().state == State::kCommitted);
}
