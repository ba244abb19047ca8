// SPDX-License-Identifier: MIT
// What can go wrong with a receiver, step by step, and what the sender makes of it.
#include <doctest/doctest.h>

#include <thread>

#include "xl_receiver.h"

namespace vmbuddies::xen {
namespace {

using namespace test;
using std::chrono::steady_clock;

Error connect_error(const std::string& script) {
    return caught([&] { connect(script); });
}
Error prepare_error(const std::string& script) {
    return caught([&] {
        auto destination = connect(script);
        write(*destination, kStream);
        destination->await_prepared({});
    });
}
Error commit_error(const std::string& script) {
    auto destination = prepared(script);
    return caught([&] { destination->commit(); });
}
/// The error that check_alive() throws, sooner or later.
Error alive_error(XlDestination& destination) {
    return caught([&] {
        for (const auto begin = steady_clock::now(); seconds_since(begin) < 20;) {
            destination.check_alive();
            std::this_thread::sleep_for(5ms);
        }
    });
}

TEST_CASE("a command that cannot reach the receiver is quoted") {
    const NothingLeft nothing_left;
    const Error error = connect_error("echo 'ssh: connect to host b port 22: Connection refused' >&2; exit 255");
    CHECK(error.code() == ErrorCode::kPeer);
    CHECK(says(error,
               "ended (exit status 255) before the banner of xl migrate-receive. It said last: "
               "\"ssh: connect to host b port 22: Connection refused\"."));
    CHECK(says(error, "\"sh -c echo 'ssh:"));
}

TEST_CASE("anything before or in place of the banner is quoted") {
    const Error noise = connect_error("echo 'Welcome to b!'; " + kSayBanner + kReadAll);
    CHECK(noise.code() == ErrorCode::kPeer);
    CHECK(says(noise, "said \"Welcome to b!?"));
    CHECK(says(noise, "where the banner of xl migrate-receive was due."));
    CHECK(connect_error("printf 'xl migration receiver ready, send binary domain data!';" + kReadAll).code() ==
          ErrorCode::kPeer);
    CHECK(connect_error("printf 'xl migration rec'").code() == ErrorCode::kPeer);
}

TEST_CASE("of endless noise a bounded excerpt is quoted, and nothing of it moves a cursor") {
    const Error error = connect_error("yes '\033[2J\377'");
    CHECK(error.code() == ErrorCode::kPeer);
    CHECK(std::string(error.what()).size() < 400);
    CHECK(says(error, "said \"?[2J??"));
}

TEST_CASE("no banner in time is a deadline, and the command does not outlive it") {
    const NothingLeft nothing_left;
    XlDestination::Options hasty = options("exec sleep 1000");
    hasty.banner_timeout = 50ms;
    CHECK(caught([&] { XlDestination::connect(hasty, {}); }).code() == ErrorCode::kDeadline);
}

TEST_CASE("a receiver that dies in the midst of the stream ends the write, with xl's own words") {
    const NothingLeft nothing_left;
    auto destination = connect(kSayBanner +
                               "head -c 100000 >/dev/null; "
                               "echo 'libxl: error: Failed to populate physmap' >&2; exit 1");
    const Error error = caught([&] { write(*destination, std::string(16 << 20, 'x')); });
    CHECK(error.code() == ErrorCode::kPeer);
    CHECK(says(error,
               "ended (exit status 1) before its time. It said last: \"libxl: error: Failed to populate "
               "physmap\"."));
    destination.reset();
}

TEST_CASE("a transport that takes everything is not believed once its receiver has ended or spoken") {
    SUBCASE("ended") {
        auto destination = connect(kSayBanner + "head -c 51 >/dev/null; exec >&-;" + kReadAll);
        CHECK(alive_error(*destination).code() == ErrorCode::kPeer);
        CHECK(caught([&] { write(*destination, kStream); }).code() == ErrorCode::kPeer);
    }
    SUBCASE("spoken") {
        auto destination = connect(kSayBanner + "head -c 51 >/dev/null; echo oops;" + kReadAll);
        const Error error = alive_error(*destination);
        CHECK(error.code() == ErrorCode::kPeer);
        CHECK(says(error, "said \"oops?\" where nothing was due."));
    }
    SUBCASE("ready before its time") {
        auto destination = connect(kSayBanner + "head -c 51 >/dev/null;" + kSayReady + kReadAll);
        CHECK(says(alive_error(*destination), "said \"domain received"));
    }
}

TEST_CASE("a receiver that takes nothing more is a deadline") {
    XlDestination::Options stalling = options(kSayBanner + "head -c 51 >/dev/null; sleep 1; " + kReadAll);
    stalling.stall_timeout = 100ms;
    auto destination = XlDestination::connect(stalling, {});
    const Error error = caught([&] { write(*destination, std::string(4 << 20, 'x')); });
    CHECK(error.code() == ErrorCode::kDeadline);
    CHECK(says(error, "has taken nothing for 100 ms."));
}

TEST_CASE("a failure where ready is due") {
    CHECK(prepare_error(kSayBanner + kReadStream + "exit 1").code() == ErrorCode::kPeer);
    const Error error = prepare_error(kSayBanner + kReadStream + kSayReport + kReadAll);
    CHECK(error.code() == ErrorCode::kPeer);
    CHECK(says(error, "where the message \"ready\" was due."));
    // The NUL belongs to the message.
    CHECK(
        prepare_error(kSayBanner + kReadStream + "printf 'domain received, ready to unpause\\n';" + kReadAll).code() ==
        ErrorCode::kPeer);
    CHECK(prepare_error(kSayBanner + kReadStream + "printf 'domain received, ready to unpause'").code() ==
          ErrorCode::kPeer);
}

TEST_CASE("no ready in time is a deadline") {
    XlDestination::Options silent = options(kSayBanner + kReadStream + kReadAll);
    silent.stall_timeout = 100ms;
    auto destination = XlDestination::connect(silent, {});
    write(*destination, kStream);
    CHECK(caught([&] { destination->await_prepared({}); }).code() == ErrorCode::kDeadline);
}

TEST_CASE("a receiver lost while prepared is noticed, and its commit is a definite no") {
    const NothingLeft nothing_left;
    auto destination = prepared("echo 'client_loop: send disconnect: Broken pipe' >&2; exit 255");
    CHECK(says(alive_error(*destination), "Broken pipe"));
    const Error error = caught([&] { destination->commit(); });
    CHECK(error.code() == ErrorCode::kPeerRefused);
    CHECK(says(error, "The receiver was not told to start the domain"));
    CHECK(says(error, "NAME--incoming"));
    destination.reset();
}

TEST_CASE("words that are not due while prepared make the commit a definite no: GO has not left") {
    const Notes notes;
    auto destination = prepared("echo oops; cat >" + notes.path("go"));
    CHECK(alive_error(*destination).code() == ErrorCode::kPeer);
    destination.reset();
    CHECK(notes.read("go").empty());
}

TEST_CASE("a start that failed over there is a definite no once the copy is destroyed") {
    const Error error = commit_error(kReadGo + kSayReport + say_status(6) +
                                     "echo 'xc: info: Restore successful' >&2;"
                                     "echo 'libxl: error: Domain 5:Failed to rename' >&2;"
                                     "echo 'migration target: Cleanup OK' >&2;" +
                                     kSayPermission);
    CHECK(error.code() == ErrorCode::kPeerRefused);
    CHECK(error.operation() == "commit");
    CHECK(
        std::string(error.what()) ==
        "The receiver could not start the domain (status 6) and has destroyed its copy. It said last: \"libxl: error: "
        "Domain 5:Failed to rename\".");
}

TEST_CASE("after GO every loss leaves open where the guest runs") {
    const std::string scripts[] = {
        kReadGo + "exit 255",                                                  // no report
        kReadGo + kSayReport,                                                  // no status
        kReadGo + kSayReport + say_status(6),                                  // a failure, and no permission
        kReadGo + kSayReport + say_status(6) + "printf 'domain is yours'",     // half of it
        kReadGo + kSayReport + say_status(6) + kSayReport + kReadAll,          // something else
        kReadGo + kSayReady + kReadAll,                                        // no report, but other words
        kReadGo + "printf 'my copy unpause results are as follows\\n\\000';",  // not quite it
    };
    for (const std::string& script : scripts) {
        CAPTURE(script);
        const Error error = commit_error(script);
        CHECK(error.code() == ErrorCode::kPeer);
        CHECK(says(error, "Whether the domain runs at the destination is unknown: "));
    }
}

TEST_CASE("no report in time leaves it open too") {
    XlDestination::Options silent = options(kPrepare + kReadGo + kReadAll);
    silent.stall_timeout = 1s;
    auto destination = XlDestination::connect(silent, {});
    write(*destination, kStream);
    destination->await_prepared({});
    const Error error = caught([&] { destination->commit(); });
    CHECK(error.code() == ErrorCode::kPeer);
    CHECK(says(error, "has not sent the report on the start in time."));
}

TEST_CASE("messages that come in pieces are understood") {
    auto destination = prepared(kReadGo +
                                "printf 'my copy unpause results'; sleep 0.05; printf ' are as follows';"
                                "sleep 0.05; printf '\\000'; sleep 0.05;" +
                                say_status(0));
    destination->commit();
}

}  // namespace
}  // namespace vmbuddies::xen
