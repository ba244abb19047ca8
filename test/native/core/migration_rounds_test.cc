// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <cstring>

#include "core/migration.h"
#include "scripted_migration.h"

using namespace vmbuddies;
using namespace std::chrono_literals;
using test::ScriptedMigration;

TEST_CASE("pages dirtied in a round go with the next, until the rule stops it") {
    ScriptedMigration m(1000);
    std::uint64_t dirtied = 400;
    m.script = [&](const std::string& call) {
        if (call != "dirty_count") return;
        m.domain.write_range(0, dirtied, static_cast<unsigned char>(dirtied));
        dirtied /= 2;
    };
    const Outcome outcome = m.migration->run();
    std::vector<std::uint64_t> sent;
    for (const RoundStats& round : outcome.rounds) sent.push_back(round.sent_pages);
    CHECK(sent == std::vector<std::uint64_t>{1000, 400, 200, 100, 50, 25});
    CHECK(outcome.rounds[4].dirtied_pages == 25);
    CHECK(outcome.rounds[5].kind == RoundKind::kStopAndCopy);
    CHECK(outcome.rounds[5].dirtied_pages == 0);
    CHECK(outcome.stop_reason->message == "25 pages are dirty after round 4, fewer than 50.");
    CHECK(outcome.sent_pages == 1775);
    m.check_memory();
}

TEST_CASE("pages that a peek shows dirtied again are skipped, but never in the final round") {
    ScriptedMigration m(1000);
    int peeks = 0;
    m.script = [&](const std::string& call) {
        if (call == "peek_dirty" && ++peeks == 1) m.domain.write_range(100, 300, 7);
        if (call == "suspend") m.domain.write_range(50, 60, 8);
    };
    const Outcome outcome = m.migration->run();
    CHECK(outcome.rounds[0].sent_pages == 800);
    CHECK(outcome.rounds[0].skipped_pages == 200);
    CHECK(outcome.rounds[0].dirtied_pages == 200);
    CHECK(outcome.rounds[1].sent_pages == 200);
    CHECK(outcome.rounds.back().sent_pages == 10);
    CHECK(outcome.rounds.back().skipped_pages == 0);
    CHECK(outcome.rounds.back().log_seconds <= outcome.rounds.back().seconds);
    CHECK(peeks >= 2);  // more on a slow machine, where a look grows old
    m.check_memory();
}

TEST_CASE("a page that cannot be mapped is deferred to later rounds") {
    ScriptedMigration m(1000, {.stop_rule = {.name = "three", .max_rounds = 3}});
    m.domain.unmappable = {10, 20, 30};
    int counts = 0;
    m.script = [&](const std::string& call) {
        if (call != "dirty_count") return;
        m.domain.write(999, 1);
        if (++counts == 2) m.domain.unmappable.erase(20);
        if (counts == 3) m.domain.unmappable.clear();
    };
    const Outcome outcome = m.migration->run();
    CHECK(outcome.rounds[0].deferred_pages == 3);
    CHECK(outcome.rounds[0].sent_pages == 997);
    CHECK(outcome.rounds[1].deferred_pages == 3);
    CHECK(outcome.rounds[2].deferred_pages == 2);
    CHECK(outcome.rounds[2].sent_pages == 2);
    CHECK(outcome.rounds[3].sent_pages == 3);
    m.check_memory();
}

TEST_CASE("in the final round a page that cannot be mapped must be gone") {
    ScriptedMigration m(100);
    m.domain.unmappable = {10, 20};
    SUBCASE("a page given back by the guest is left out") {
        m.script = [&](const std::string& call) {
            if (call != "suspend") return;
            m.domain.present.clear(10);
            m.domain.present.clear(20);
        };
        const Outcome outcome = m.migration->run();
        CHECK(outcome.state == State::kCommitted);
        CHECK(outcome.rounds.back().sent_pages == 0);
        m.check_memory();
    }
    SUBCASE("a page that holds data is an error, and the guest runs on here") {
        try {
            m.domain.unmappable = {20};
            m.migration->run();
            FAIL("no error");
        } catch (const MigrationFailed& failure) {
            CHECK(failure.code() == ErrorCode::kMemory);
            CHECK(std::string(failure.what()) == "Page 20 of the stopped guest holds data and cannot be mapped.");
            CHECK(failure.state == State::kStopping);
            CHECK(failure.where == Where::kSource);
        }
        CHECK_FALSE(m.domain.suspended);
        CHECK_FALSE(m.domain.logging);
        CHECK(m.destination.aborts == 1);
    }
}

TEST_CASE("pages of zeros travel as entries without data where that is safe") {
    const auto migrate = [](ZeroPages zero_pages) {
        ScriptedMigration m(600, {.stop_rule = {.name = "two", .max_rounds = 2}, .zero_pages = zero_pages});
        m.domain.write_range(100, 400, 0);
        int counts = 0;
        m.script = [&](const std::string& call) {
            if (call == "dirty_count" && ++counts == 1) m.domain.write_range(0, 50, 0);
        };
        const Outcome outcome = m.migration->run();
        m.check_memory();
        return outcome.rounds;
    };
    SUBCASE("never") {
        const auto rounds = migrate(ZeroPages::kNever);
        CHECK(rounds[0].zero_pages == 0);
        CHECK(rounds[0].sent_pages == 600);
        CHECK(rounds[1].sent_pages == 50);
    }
    SUBCASE("in the first round, where nothing was sent before") {
        const auto rounds = migrate(ZeroPages::kFirstRound);
        CHECK(rounds[0].zero_pages == 300);
        CHECK(rounds[0].sent_pages == 300);
        CHECK(rounds[1].zero_pages == 0);
        CHECK(rounds[1].sent_pages == 50);
    }
    SUBCASE("always, where the receiver clears them") {
        const auto rounds = migrate(ZeroPages::kAlways);
        CHECK(rounds[0].zero_pages == 300);
        CHECK(rounds[1].zero_pages == 50);
        CHECK(rounds[1].sent_pages == 0);
    }
}

TEST_CASE("a page is zero only if all its bytes are") {
    for (const std::size_t at : {std::size_t{0}, std::size_t{15}, std::size_t{16}, std::size_t{2047}, kPageSize - 1}) {
        ScriptedMigration m(4);
        m.domain.write(2, 0);
        const_cast<std::byte*>(m.domain.page(2))[at] = std::byte{1};
        CHECK(m.migration->run().rounds[0].zero_pages == 0);
        m.check_memory();
    }
}

TEST_CASE("the traffic limit is met midway in a round, and the rest goes with the final copy") {
    ScriptedMigration m(1000, {.stop_rule = {.name = "half", .traffic_factor = 1.5}});
    m.script = [&](const std::string& call) {
        if (call == "dirty_count") m.domain.write_range(0, 800, 9);
    };
    const Outcome outcome = m.migration->run();
    REQUIRE(outcome.rounds.size() == 3);
    CHECK(outcome.rounds[1].sent_pages == 500);
    CHECK(outcome.rounds[1].unsent_pages == 300);
    CHECK(outcome.rounds[1].dirtied_pages == 800 + 300);
    CHECK(outcome.rounds[2].sent_pages == 800);
    CHECK(outcome.stop_reason->limit == "traffic");
    CHECK(outcome.stop_reason->message == "1500 pages were sent in all, 1.5 times the 1000 pages of round 0.");
    m.check_memory();
}

TEST_CASE("stop_and_copy ends pre-copy midway in a round") {
    ScriptedMigration m(1000);
    int maps = 0;
    m.script = [&](const std::string& call) {
        if (call == "map_pages" && ++maps == 2) m.migration->stop_and_copy();
    };
    const Outcome outcome = m.migration->run();
    CHECK_FALSE(outcome.stop_reason);
    CHECK(m.states == "precopy waiting stopping prepared committed");
    REQUIRE(outcome.rounds.size() == 2);
    CHECK(outcome.rounds[0].sent_pages == 512);
    CHECK(outcome.rounds[0].unsent_pages == 488);
    CHECK(outcome.rounds[1].sent_pages == 488);
    m.check_memory();
}

TEST_CASE("waiting sends nothing until the final copy would outgrow its bound") {
    ScriptedMigration m(
        1000, {.stop_rule = {.name = "one", .max_rounds = 1}, .hold_at_synchropoint = true, .heartbeat_interval = 1ms});
    bool waiting = false;
    int counts = 0;
    m.script = [&](const std::string& call) {
        if (call == "state waiting") waiting = true;
        if (call != "dirty_count") return;
        ++counts;
        if (counts == 1) m.domain.write_range(0, 100, 1);    // the pseudo-synchropoint: 100 pages
        if (counts == 4) m.domain.write_range(100, 200, 2);  // 200: still within twice that
        if (counts == 6) m.domain.write(200, 3);             // 201: a round
        if (counts == 7) m.domain.write_range(300, 350, 4);  // at its end
        if (counts == 10) m.migration->stop_and_copy();
    };
    const Outcome outcome = m.migration->run();
    CHECK(waiting);
    REQUIRE(outcome.rounds.size() == 3);
    CHECK(outcome.rounds[1].kind == RoundKind::kWaitAndCopy);
    CHECK(outcome.rounds[1].sent_pages == 201);
    CHECK(outcome.rounds[1].dirtied_pages == 50);
    CHECK(outcome.rounds[2].sent_pages == 50);
    m.check_memory();
}

TEST_CASE("catch_up makes a waiting domain send what is dirty, once for each order") {
    ScriptedMigration m(
        1000, {.stop_rule = {.name = "one", .max_rounds = 1}, .hold_at_synchropoint = true, .heartbeat_interval = 1ms});
    int counts = 0;
    m.script = [&](const std::string& call) {
        if (call != "dirty_count") return;
        ++counts;
        if (counts == 1) m.domain.write_range(0, 100, 1);
        if (counts == 3) m.migration->catch_up();
        if (counts == 8) m.migration->stop_and_copy();
    };
    const Outcome outcome = m.migration->run();
    REQUIRE(outcome.rounds.size() == 3);
    CHECK(outcome.rounds[1].kind == RoundKind::kWaitAndCopy);
    CHECK(outcome.rounds[1].sent_pages == 100);
    CHECK(outcome.rounds[2].sent_pages == 0);
    m.check_memory();
}

TEST_CASE("stop_and_copy leaves a wait-and-copy round midway") {
    ScriptedMigration m(
        1000, {.stop_rule = {.name = "one", .max_rounds = 1}, .hold_at_synchropoint = true, .heartbeat_interval = 1ms});
    int counts = 0;
    int maps = 0;
    m.script = [&](const std::string& call) {
        if (call == "dirty_count" && ++counts <= 2) m.domain.write_range(0, counts == 1 ? 10 : 600, 5);
        if (call == "map_pages" && counts == 2 && ++maps == 1) m.migration->stop_and_copy();
    };
    const Outcome outcome = m.migration->run();
    REQUIRE(outcome.rounds.size() == 3);
    CHECK(outcome.rounds[1].kind == RoundKind::kWaitAndCopy);
    CHECK(outcome.rounds[1].sent_pages == 256);
    CHECK(outcome.rounds[1].unsent_pages == 344);
    CHECK(outcome.rounds[2].sent_pages == 344);
    m.check_memory();
}

TEST_CASE("while it waits the stream has a heartbeat") {
    ScriptedMigration m(10,
                        {.stop_rule = StopRule::xen_modern(), .hold_at_synchropoint = true, .heartbeat_interval = 1ms});
    int counts = 0;
    m.script = [&](const std::string& call) {
        if (call == "dirty_count" && ++counts == 6) m.migration->stop_and_copy();
    };
    const Outcome outcome = m.migration->run();
    const std::size_t without = 48 + 16 + 10 * 4104 + 16 + 8;
    CHECK(outcome.sent_bytes > without);
    CHECK(outcome.sent_bytes <= without + 5 * 8);
    CHECK((outcome.sent_bytes - without) % 8 == 0);
    m.check_memory();
}
