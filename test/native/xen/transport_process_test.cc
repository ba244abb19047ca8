// SPDX-License-Identifier: MIT
#include "xen/transport_process.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <set>
#include <thread>

#include "xl_receiver.h"

namespace vmbuddies::xen {
namespace {

using namespace test;
using std::chrono::steady_clock;
using For = TransportProcess::For;

std::vector<std::string> shell(const std::string& script) { return {"sh", "-c", script}; }

/// All that it says, up to its end.
std::string heard(TransportProcess& process) {
    std::string text;
    std::array<char, 256> buffer;
    while (process.wait(For::kWords, steady_clock::now() + 20s, {}).words) {
        const auto received = process.receive(buffer);
        if (received && *received == 0) return text;
        if (received) text.append(buffer.data(), *received);
    }
    return text + " (and no end)";
}

std::size_t send(TransportProcess& process, const std::string& text) {
    const iovec part{const_cast<char*>(text.data()), text.size()};
    return process.send({&part, 1}).value();
}

TEST_CASE("what a command says after its input was closed is still heard") {
    const NothingLeft nothing_left;
    TransportProcess process(shell("cat; printf ' and the rest'"));
    CHECK(send(process, "hello") == 5);
    process.close_input();
    CHECK(heard(process) == "hello and the rest");
    CHECK(process.await_end(steady_clock::now() + 20s));
    CHECK(process.end() == "exit status 0");
}

TEST_CASE("a command's exit status and signal are told") {
    TransportProcess failing(shell("exit 255"));
    CHECK(failing.await_end(steady_clock::now() + 20s));
    CHECK(failing.end() == "exit status 255");
    TransportProcess killed(shell("kill -TERM $$"));
    CHECK(killed.await_end(steady_clock::now() + 20s));
    CHECK(killed.end() == "signal 15");
}

TEST_CASE("a command that stays is not waited for past the deadline, and nothing is known of its end") {
    const NothingLeft nothing_left;
    TransportProcess process(shell("exec sleep 1000"));
    CHECK_FALSE(process.await_end(steady_clock::now() + 20ms));
    CHECK(process.end() == "");
}

TEST_CASE("a command that stays is killed together with what it has started") {
    const NothingLeft nothing_left;
    std::string children;
    {
        TransportProcess process(shell("sleep 1000 >/dev/null 2>&1 & echo $$ $!; exec >&-; wait"));
        children = heard(process);
    }
    pid_t shell_pid = 0;
    pid_t sleep_pid = 0;
    REQUIRE(std::sscanf(children.c_str(), "%d %d", &shell_pid, &sleep_pid) == 2);
    CHECK(::kill(shell_pid, 0) == -1);
    // Death takes a moment, and whoever adopted it reaps it at its leisure: a zombie is as good as gone.
    const auto is_alive = [sleep_pid] {
        std::ifstream file("/proc/" + std::to_string(sleep_pid) + "/stat");
        const std::string stat{std::istreambuf_iterator<char>(file), {}};
        return !stat.empty() && stat.find(") Z") == std::string::npos;
    };
    const auto begin = steady_clock::now();
    while (is_alive() && seconds_since(begin) < 20) std::this_thread::sleep_for(1ms);
    CHECK_FALSE(is_alive());
}

TEST_CASE("of what a command writes to standard error the last 4 KiB are kept, and it never waits for us") {
    TransportProcess process(
        shell("i=0; while [ $i -lt 4000 ]; do echo 'line of fifty characters, more or less, yes!'; "
              "i=$((i+1)); done >&2; printf 'the \\033[31mlast\\n\\nline\\r\\n' >&2"));
    CHECK(heard(process) == "");
    REQUIRE(process.await_end(steady_clock::now() + 20s));
    const std::vector<std::string> words = process.last_words();
    REQUIRE(words.size() == 4096 / 45 + 2);
    CHECK(words[1] == "line of fifty characters, more or less, yes!");
    CHECK(words[words.size() - 2] == "the ?[31mlast");
    CHECK(words.back() == "line");
}

TEST_CASE("a command has a session of its own and the signals of a fresh program") {
    const auto before = std::signal(SIGPIPE, SIG_IGN);
    TransportProcess process(shell("cut -d' ' -f6 /proc/$$/stat; echo $$; grep SigIgn /proc/$$/status"));
    std::signal(SIGPIPE, before);
    const std::string text = heard(process);
    int session = 0;
    int pid = 1;
    unsigned long ignored = ~0UL;
    REQUIRE(std::sscanf(text.c_str(), "%d %d SigIgn: %lx", &session, &pid, &ignored) == 3);
    CHECK(session == pid);
    CHECK((ignored >> (SIGPIPE - 1) & 1) == 0);
}

TEST_CASE("no descriptor of ours is left open for other commands to inherit") {
    const std::set<int> before = open_descriptors();
    const TransportProcess process(shell("exec sleep 1000"));
    std::size_t ours = 0;
    for (const int fd : open_descriptors()) {
        if (before.contains(fd)) continue;
        ++ours;
        CHECK((::fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
    }
    CHECK(ours >= 3);
}

TEST_CASE("a command works where the host program's standard descriptors are closed") {
    const int kept[] = {::fcntl(0, F_DUPFD_CLOEXEC, 10), ::fcntl(1, F_DUPFD_CLOEXEC, 10),
                        ::fcntl(2, F_DUPFD_CLOEXEC, 10)};
    for (const int fd : {0, 1, 2}) ::close(fd);
    std::string text;
    std::vector<std::string> words;
    {
        TransportProcess process(shell("cat; echo oops >&2"));
        send(process, "hello");
        process.close_input();
        text = heard(process);
        process.await_end(steady_clock::now() + 20s);
        words = process.last_words();
    }
    for (const int fd : {0, 1, 2}) {
        ::dup2(kept[fd], fd);
        ::close(kept[fd]);
    }
    CHECK(text == "hello");
    CHECK(words == std::vector<std::string>{"oops"});
}

TEST_CASE("what cannot be started is refused and leaves nothing behind") {
    const NothingLeft nothing_left;
    CHECK(caught([] { TransportProcess({}); }).code() == ErrorCode::kArgument);
    CHECK(caught([] { TransportProcess({""}); }).code() == ErrorCode::kArgument);
    const Error error = caught([] { TransportProcess({"vmbuddies-no-such-program", "x"}); });
    CHECK(error.code() == ErrorCode::kUnavailable);
    CHECK(says(error, "The command vmbuddies-no-such-program cannot be run: No such file or directory."));
}

TEST_CASE("what a command does not read is bounded: some 300 KiB wait for it, and no more") {
    TransportProcess process(shell("exec sleep 1000"));
    const std::string much(1 << 20, 'x');
    const std::size_t taken = send(process, much);
    CHECK(taken >= 64 << 10);
    CHECK(taken <= 320 << 10);
    CHECK(send(process, much) < 64 << 10);
    const auto ready = process.wait(For::kRoomOrWords, steady_clock::now() + 20ms, {});
    CHECK_FALSE(ready.room);
    CHECK_FALSE(ready.words);
}

TEST_CASE("a command that reads no more is noticed without a signal") {
    TransportProcess process(shell("exec <&-; echo closed; exec sleep 1000"));
    std::array<char, 7> word;
    REQUIRE(process.wait(For::kWords, steady_clock::now() + 20s, {}).words);
    REQUIRE(process.receive(word) == 7);
    const iovec part{word.data(), word.size()};
    CHECK(process.wait(For::kRoomOrWords, steady_clock::now() + 20s, {}).room);
    CHECK_FALSE(process.send({&part, 1}).has_value());
}

TEST_CASE("a wait ends as soon as it is stopped from another thread") {
    TransportProcess process(shell("exec sleep 1000"));
    std::stop_source source;
    const std::jthread stopper([&] {
        std::this_thread::sleep_for(20ms);
        source.request_stop();
    });
    CHECK_THROWS_AS(process.wait(For::kWords, TransportProcess::TimePoint::max(), source.get_token()), Aborted);
}

TEST_CASE("a flood on standard error does not outlast a deadline") {
    TransportProcess process(shell("yes >&2; :"));
    const auto begin = steady_clock::now();
    while (process.last_words().empty() && seconds_since(begin) < 20) std::this_thread::sleep_for(1ms);
    CHECK_FALSE(process.wait(For::kWords, steady_clock::now() + 20ms, {}).words);
    CHECK_FALSE(process.await_end(steady_clock::now() + 20ms));
    CHECK(process.last_words().back() == "y");
}

}  // namespace
}  // namespace vmbuddies::xen
