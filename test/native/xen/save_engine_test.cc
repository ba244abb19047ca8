// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>
#include <sys/wait.h>

#include <cerrno>

#include "fake_save.h"

using namespace vmbuddies;
using namespace std::chrono_literals;
using test::FakeSave;

namespace {

void check_guest_is_here(const FakeSave& save) {
    CHECK_FALSE(save.guest.suspended);
    CHECK_FALSE(save.guest.logging);
    CHECK(save.destination.aborts == 1);
    CHECK_FALSE(save.destination.committed);
    CHECK(save.states.ends_with("aborted"));
    // No child is left, not even a dead one.
    CHECK(::waitpid(-1, nullptr, WNOHANG) == -1);
    CHECK(errno == ECHILD);
}

MigrationFailed failure_of(FakeSave& save) {
    try {
        save.run();
    } catch (const MigrationFailed& failure) {
        return failure;
    }
    FAIL("no error");
    throw 0;
}

// headers, STATIC_DATA_END; a PAGE_DATA record has 16 bytes of headers and 8 an entry.
constexpr std::uint64_t kHeadBytes = 24 + 16 + 8;
constexpr std::uint64_t record_bytes(std::uint64_t present, std::uint64_t absent = 0) {
    return 16 + present * (8 + kPageSize) + absent * 8;
}

}  // namespace

TEST_CASE("libxenguest's stream arrives whole, in rounds that are counted by what is in it") {
    FakeSave save;
    const Outcome outcome = save.run();
    CHECK(save.states == "precopy waiting stopping prepared committed");
    CHECK(outcome.where == Where::kDestination);
    CHECK(outcome.stop_reason->limit == "rounds");
    CHECK(outcome.present_pages == 5);
    CHECK(outcome.sent_pages == 5 + 2 + 1);
    CHECK(outcome.sent_bytes == kHeadBytes + record_bytes(5, 3) + record_bytes(2) + record_bytes(1) + 8);
    CHECK(outcome.sent_bytes == save.destination.received.size());
    REQUIRE(save.rounds.size() == 3);
    CHECK(save.rounds[0].kind == RoundKind::kPrecopy);
    CHECK(save.rounds[0].sent_pages == 5);
    CHECK(save.rounds[0].sent_bytes == record_bytes(5, 3));
    CHECK(save.rounds[0].dirtied_pages == 2);
    CHECK(save.rounds[1].sent_pages == 2);
    CHECK(save.rounds[1].sent_bytes == record_bytes(2));
    CHECK(save.rounds[2].kind == RoundKind::kStopAndCopy);
    CHECK(save.rounds[2].sent_pages == 1);
    CHECK(save.rounds[2].sent_bytes == record_bytes(1) + 8);
    CHECK(save.rounds[2].dirtied_pages == 0);
    CHECK(save.guest.suspended);
    CHECK_FALSE(save.guest.logging);
    CHECK(save.destination.aborts == 0);
}

TEST_CASE("the log is on before the program starts, and stopping is decided after a round") {
    FakeSave save;
    std::string calls;
    save.script = [&](const std::string& call) {
        if (call != "write" && call != "check_alive") calls += call + "; ";
    };
    save.run();
    CHECK(calls ==
          "state precopy; enable_dirty_log; present_pages; dirty_count; dirty_count; state waiting; state stopping; "
          "suspend; await_prepared; state prepared; commit; state committed; ");
}

TEST_CASE("what is sent to be compared counts as bytes and not as pages") {
    FakeSave save("", {.stop_rule = {.name = "one", .max_rounds = 1}, .verify = true});
    const Outcome outcome = save.run();
    CHECK(outcome.sent_pages == 5 + 1);
    CHECK(outcome.rounds.back().sent_pages == 1);
    CHECK(outcome.rounds.back().sent_bytes == record_bytes(1) + 8);
    CHECK(outcome.sent_bytes == kHeadBytes + record_bytes(5, 3) + record_bytes(1) + 8 + record_bytes(5) + 8);
}

TEST_CASE("more pages than were known to be dirty are no more than all of them") {
    // The last round's page takes longer than the time between two reports.
    FakeSave save("", {.stop_rule = {.name = "one", .max_rounds = 1}, .bytes_per_second = 30'000});
    save.guest.dirty_pages = 0;
    save.run();
    REQUIRE(save.rounds.back().sent_pages == 1);
    CHECK(save.progress.back().state == State::kStopping);
    for (const Progress& each : save.progress) CHECK(each.round_done_pages <= each.round_pages);
}

TEST_CASE("at the pseudo-synchropoint it waits, catches up when told, and the stream is not silent") {
    FakeSave save("", {.stop_rule = {.name = "one", .max_rounds = 1},
                       .hold_at_synchropoint = true,
                       .hold_when_prepared = true,
                       .heartbeat_interval = 1ms});
    int counts = 0;
    save.script = [&](const std::string& call) {
        if (call == "dirty_count") ++counts;
        if (call == "dirty_count" && counts == 4) save.control.catch_up();
        if (call == "dirty_count" && counts == 8) save.control.stop_and_copy();
        if (call == "state prepared") save.control.commit();
    };
    CHECK(save.run().state == State::kCommitted);
    REQUIRE(save.rounds.size() == 3);
    CHECK(save.rounds[1].kind == RoundKind::kWaitAndCopy);
    CHECK(save.rounds[1].sent_pages == 2);
    const std::uint64_t pages = record_bytes(5, 3) + record_bytes(2) + record_bytes(1);
    const std::uint64_t heartbeats = save.destination.received.size() - (kHeadBytes + pages + 8);
    CHECK(heartbeats >= 3 * 8);
    CHECK(heartbeats % 8 == 0);
}

TEST_CASE("told to stop and copy in the midst of a round, it does so at the round's end") {
    FakeSave save("", {.stop_rule = StopRule::xen_legacy()});
    save.guest.dirty_pages = 100;
    save.script = [&](const std::string& call) {
        if (call == "present_pages") save.control.stop_and_copy();
    };
    const Outcome outcome = save.run();
    CHECK(outcome.state == State::kCommitted);
    CHECK_FALSE(outcome.stop_reason);
    CHECK(outcome.rounds.size() == 2);
    CHECK(outcome.rounds[0].sent_pages == 5);
}

TEST_CASE("however and wherever the program fails, the guest runs on here") {
    for (const char* deed : {"exit", "leave", "die", "complain", "babble", "modernise", "spill"}) {
        for (const char* place : {"head", "before-round", "round", "after-round", "suspend", "tail", "end"}) {
            CAPTURE(deed);
            CAPTURE(place);
            const std::string wish = std::string(deed) + " " + place;
            if (wish == "leave end") continue;  // which is right
            FakeSave save(wish);
            const MigrationFailed failure = failure_of(save);
            CAPTURE(failure.what());
            CHECK(failure.where == Where::kSource);
            CHECK(failure.operation() == "save");
            CHECK(failure.code() == (std::string(deed) == "spill" ? ErrorCode::kStream : ErrorCode::kSystem));
            CHECK(save.destination.prepared == false);
            check_guest_is_here(save);
        }
    }
}

TEST_CASE("the first thing it said on standard error is the reason given") {
    FakeSave save("complain round");
    CHECK(std::string(failure_of(save).what()) ==
          "libxenguest could not save the guest: The hypervisor?said no (22 = Invalid argument)");
}

TEST_CASE("a signal or a status is the reason given where it said nothing") {
    FakeSave died("die round");
    CHECK(std::string(failure_of(died).what()).ends_with("was ended by signal 9."));
    FakeSave left("exit round");
    CHECK(std::string(failure_of(left).what()).ends_with("ended with exit status 3 and no word."));
}

TEST_CASE("a guest that has ended is the reason, whatever libxenguest made of that") {
    FakeSave save("complain round");
    save.script = [](const std::string& call) {
        if (call == "require_alive") throw Error(ErrorCode::kDomainGone, "guest", "It was destroyed.");
    };
    CHECK(failure_of(save).code() == ErrorCode::kDomainGone);
}

TEST_CASE("a program that does not exist is unavailable") {
    FakeSave save;
    save.program = "/nonexistent/vmbuddies-xen-save";
    CHECK(failure_of(save).code() == ErrorCode::kUnavailable);
    check_guest_is_here(save);
}

TEST_CASE("a program that hangs is killed") {
    FakeSave save("hang round");
    save.script = [&](const std::string& call) {
        if (call == "check_alive") save.control.abort();
    };
    CHECK(save.run().state == State::kAborted);
    check_guest_is_here(save);
}

TEST_CASE("whatever of the guest's or the destination's calls fails, the guest is where the failure says") {
    for (const char* call :
         {"enable_dirty_log", "present_pages", "dirty_count", "suspend", "write", "await_prepared", "commit"}) {
        CAPTURE(call);
        FakeSave save;
        save.script = [&](const std::string& name) {
            if (name == call) throw Error(ErrorCode::kPeer, "probe", "The probe failed.");
        };
        const MigrationFailed failure = failure_of(save);
        CHECK(failure.operation() == "probe");
        if (std::string(call) == "commit") {
            CHECK(failure.where == Where::kUnknown);
            CHECK(save.guest.suspended);
            CHECK_FALSE(save.guest.logging);
        } else {
            CHECK(failure.where == Where::kSource);
            check_guest_is_here(save);
        }
    }
}

TEST_CASE("abort works in every state up to the commit") {
    for (const char* call : {"state precopy", "enable_dirty_log", "present_pages", "write", "dirty_count",
                             "state waiting", "state stopping", "suspend", "await_prepared", "state prepared"}) {
        CAPTURE(call);
        FakeSave save;
        save.script = [&](const std::string& name) {
            if (name == call) save.control.abort();
        };
        const Outcome outcome = save.run();
        CHECK(outcome.state == State::kAborted);
        CHECK(outcome.where == Where::kSource);
        CHECK(outcome.sent_bytes == save.destination.received.size());
        check_guest_is_here(save);
    }
}
