// SPDX-License-Identifier: MIT
#include "process/process_destination.h"

#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <atomic>
#include <functional>
#include <future>
#include <thread>

#include "caught.h"
#include "host.h"
#include "loopback.h"
#include "process/offer.h"

namespace vmbuddies::process {
namespace {

using namespace test;
using std::chrono::steady_clock;

DomainInfo web() {
    DomainInfo info;
    info.name = "web";
    info.uuid = std::string(32, 'a');
    info.memory_bytes = info.present_bytes = 2 << 20;
    info.workload = steady();
    return info;
}

/// A receiver that does what the test says, to one connection.
class ScriptedReceiver {
   public:
    using Script = std::function<void(Link&)>;
    explicit ScriptedReceiver(Script script) {
        thread_ = std::jthread([this, script = std::move(script)](const std::stop_token& stop) {
            try {
                auto socket = listener_.accept(TimePoint::max(), stop);
                Link link(std::move(socket.value()), Side::kReceiver, 5s);
                script(link);
            } catch (const Aborted&) {
            }
        });
    }
    ProcessDestination::Options options(std::chrono::milliseconds stall_timeout = 5s) const {
        return {.host = "127.0.0.1", .port = listener_.port(), .connect_timeout = 5s, .stall_timeout = stall_timeout};
    }
    std::unique_ptr<ProcessDestination> connect(std::chrono::milliseconds stall_timeout = 5s) const {
        return ProcessDestination::connect(options(stall_timeout), web(), {});
    }

   private:
    Listener listener_{"127.0.0.1", 0};
    std::jthread thread_;
};

void accept(Link& link) {
    hear_offer(link);
    link.send(FrameType::kAccepted, {}, {});
}

void say_prepared(Link& link) {
    WireWriter token;
    token.text("a token");
    link.send(FrameType::kPrepared, token.bytes(), {});
}

void prepare(Link& link) {
    accept(link);
    say_prepared(link);
}

/// Reads frames until the sender closes, and gives what it said last before that.
std::optional<FrameType> last_word(Link& link) {
    std::optional<FrameType> last;
    try {
        while (auto frame = link.next(5s, {})) last = frame->type;
    } catch (const Error&) {
    }
    return last;
}

/// A port whose queue of connections is full, so that further ones hang.
class BlackHole {
   public:
    BlackHole() : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* generic = reinterpret_cast<sockaddr*>(&address);
        REQUIRE(bind(fd_.get(), generic, size) == 0);
        REQUIRE(listen(fd_.get(), 0) == 0);
        REQUIRE(getsockname(fd_.get(), generic, &size) == 0);
        port = ntohs(address.sin_port);
        for (int i = 0; i < 2; ++i) {
            waiting_[i] = UniqueFd(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
            (void)::connect(waiting_[i].get(), generic, size);
        }
        std::this_thread::sleep_for(20ms);
    }
    std::uint16_t port = 0;

   private:
    UniqueFd fd_;
    UniqueFd waiting_[2];
};

TEST_CASE("the offer says which domain comes, and an accepted one may be sent") {
    std::promise<Offer> heard;
    ScriptedReceiver receiver([&](Link& link) {
        heard.set_value(Offer::decode(hear_offer(link)));
        link.send(FrameType::kAccepted, {}, {});
        std::vector<std::byte> stream(1000);
        iovec part{stream.data(), stream.size()};
        link.read({&part, 1}, {});
        CHECK(stream[999] == std::byte{7});
        say_prepared(link);
        CHECK(WireReader(link.expect(FrameType::kCommit, 5s, {})).text(64) == "a token");
        link.send(FrameType::kStarted, {}, {});
    });
    const auto destination = receiver.connect();
    const Offer offer = heard.get_future().get();
    CHECK(offer.name == "web");
    CHECK(offer.uuid == web().uuid);
    CHECK(offer.memory_bytes == 2 << 20);
    CHECK(offer.workload.wws_pages == 64);
    std::vector<std::byte> stream(1000, std::byte{7});
    const iovec part{stream.data(), stream.size()};
    destination->write({&part, 1}, {});
    destination->check_alive();
    destination->await_prepared({});
    destination->check_alive();
    destination->commit();
    destination->abort();  // too late to mean anything
    destination->check_alive();
}

TEST_CASE("a refusal carries the receiver's own words") {
    ScriptedReceiver receiver([](Link& link) { link.send_reason(FrameType::kRefused, "there is no room", {}); });
    const Error error = caught([&] { receiver.connect(); });
    CHECK(error.code() == ErrorCode::kPeerRefused);
    CHECK(says(error, "there is no room"));
}

TEST_CASE("a receiver that says nothing, nonsense or goodbye is not connected to") {
    ScriptedReceiver silent([](Link& link) { last_word(link); });
    CHECK(caught([&] { silent.connect(100ms); }).code() == ErrorCode::kDeadline);
    ScriptedReceiver hasty([](Link& link) {
        link.send(FrameType::kStarted, {}, {});
        last_word(link);
    });
    CHECK(caught([&] { hasty.connect(); }).code() == ErrorCode::kStream);
    ScriptedReceiver gone([](Link& link) { hear_offer(link); });
    CHECK(caught([&] { gone.connect(); }).code() == ErrorCode::kPeer);
}

TEST_CASE("connecting ends at its deadline, and at a stop") {
    const BlackHole hole;
    const auto begin = steady_clock::now();
    const ProcessDestination::Options options{.host = "127.0.0.1", .port = hole.port, .connect_timeout = 150ms};
    CHECK(caught([&] { ProcessDestination::connect(options, web(), {}); }).code() == ErrorCode::kDeadline);
    CHECK(steady_clock::now() - begin >= 150ms);
    CHECK(steady_clock::now() - begin < 2s);

    std::stop_source source;
    std::jthread stopper([&] {
        std::this_thread::sleep_for(50ms);
        source.request_stop();
    });
    const ProcessDestination::Options patient{.host = "127.0.0.1", .port = hole.port};
    CHECK_THROWS_AS(ProcessDestination::connect(patient, web(), source.get_token()), Aborted);
    CHECK(steady_clock::now() - begin < 2s);
}

TEST_CASE("time-outs out of range are refused") {
    ProcessDestination::Options options{.host = "127.0.0.1", .port = 1, .connect_timeout = 0ms};
    CHECK(caught([&] { ProcessDestination::connect(options, web(), {}); }).code() == ErrorCode::kArgument);
    options.connect_timeout = 1s;
    options.stall_timeout = 25h;
    CHECK(caught([&] { ProcessDestination::connect(options, web(), {}); }).code() == ErrorCode::kArgument);
}

TEST_CASE("a receiver that never reads stalls the write, and a stop ends it sooner") {
    std::vector<std::byte> much(64 << 20);
    const iovec part{much.data(), much.size()};
    std::promise<void> over;
    auto future = over.get_future().share();
    const auto deaf = [future](Link& link) {
        accept(link);
        future.wait();
    };
    ScriptedReceiver first(deaf);
    ScriptedReceiver second(deaf);
    const auto stalled = first.connect(100ms);
    CHECK(caught([&] { stalled->write({&part, 1}, {}); }).code() == ErrorCode::kDeadline);
    const auto stopped = second.connect();
    std::stop_source source;
    std::jthread stopper([&] {
        std::this_thread::sleep_for(50ms);
        source.request_stop();
    });
    const auto begin = steady_clock::now();
    CHECK_THROWS_AS(stopped->write({&part, 1}, source.get_token()), Aborted);
    CHECK(steady_clock::now() - begin < 1s);
    over.set_value();
}

TEST_CASE("waiting for prepared ends with it, with a failure, at the deadline and at a stop") {
    ScriptedReceiver failing([](Link& link) {
        accept(link);
        link.send_reason(FrameType::kFailed, "the tail is wrong", {});
    });
    const Error failed = caught([&] { failing.connect()->await_prepared({}); });
    CHECK(failed.code() == ErrorCode::kPeerRefused);
    CHECK(says(failed, "the tail is wrong"));

    const auto mute = [](Link& link) {
        accept(link);
        last_word(link);
    };
    ScriptedReceiver late(mute);
    CHECK(caught([&] { late.connect(100ms)->await_prepared({}); }).code() == ErrorCode::kDeadline);
    ScriptedReceiver quiet(mute);
    const auto destination = quiet.connect();
    std::stop_source source;
    std::jthread stopper([&] {
        std::this_thread::sleep_for(50ms);
        source.request_stop();
    });
    CHECK_THROWS_AS(destination->await_prepared(source.get_token()), Aborted);
}

TEST_CASE("prepared may be heard before it is waited for") {
    ScriptedReceiver receiver([](Link& link) {
        prepare(link);
        last_word(link);
    });
    const auto destination = receiver.connect();
    std::this_thread::sleep_for(20ms);
    destination->check_alive();
    CHECK_NOTHROW(destination->await_prepared({}));
}

TEST_CASE("while prepared, a receiver that fails or dies is noticed") {
    ScriptedReceiver receiver([](Link& link) {
        prepare(link);
        std::this_thread::sleep_for(20ms);
        link.send_reason(FrameType::kFailed, "the guest has died", {});
    });
    const auto destination = receiver.connect();
    destination->await_prepared({});
    std::this_thread::sleep_for(100ms);
    const Error error = caught([&] { destination->check_alive(); });
    CHECK(error.code() == ErrorCode::kPeerRefused);
    CHECK(says(error, "the guest has died"));
}

TEST_CASE("a commit that was not said, or was answered with a failure, is a no") {
    std::promise<std::optional<FrameType>> heard;
    ScriptedReceiver dead([&](Link& link) {
        prepare(link);
        link.finish();
        heard.set_value(last_word(link));
    });
    {
        const auto destination = dead.connect();
        destination->await_prepared({});
        std::this_thread::sleep_for(50ms);
        const Error error = caught([&] { destination->commit(); });
        CHECK(error.code() == ErrorCode::kPeerRefused);
        CHECK(says(error, "It was not told to start web"));
    }
    CHECK(heard.get_future().get() == std::nullopt);

    ScriptedReceiver unable([](Link& link) {
        prepare(link);
        link.expect(FrameType::kCommit, 5s, {});
        link.send_reason(FrameType::kFailed, "the name is taken", {});
    });
    const auto destination = unable.connect();
    destination->await_prepared({});
    const Error error = caught([&] { destination->commit(); });
    CHECK(error.code() == ErrorCode::kPeerRefused);
    CHECK(says(error, "the name is taken"));
}

TEST_CASE("a commit that nobody answers leaves the outcome unknown") {
    ScriptedReceiver dying([](Link& link) {
        prepare(link);
        link.expect(FrameType::kCommit, 5s, {});
    });
    ScriptedReceiver hanging([](Link& link) {
        prepare(link);
        last_word(link);
    });
    ScriptedReceiver confused([](Link& link) {
        prepare(link);
        link.expect(FrameType::kCommit, 5s, {});
        link.send(FrameType::kAccepted, {}, {});
    });
    for (const ScriptedReceiver* receiver : {&dying, &hanging, &confused}) {
        const auto destination = receiver->connect(200ms);
        destination->await_prepared({});
        const Error error = caught([&] { destination->commit(); });
        CHECK(error.code() == ErrorCode::kPeer);
        CHECK(says(error, "Whether web runs at 127.0.0.1:"));
    }
}

TEST_CASE("an abort is said when prepared, and otherwise seen as the end of the connection") {
    std::promise<std::optional<FrameType>> heard;
    ScriptedReceiver prepared([&](Link& link) {
        prepare(link);
        heard.set_value(last_word(link));
    });
    const auto destination = prepared.connect();
    destination->await_prepared({});
    destination->abort();
    destination->abort();
    CHECK(heard.get_future().get() == FrameType::kAbort);
    CHECK(caught([&] { destination->commit(); }).code() == ErrorCode::kState);
    CHECK(caught([&] { destination->write({}, {}); }).code() == ErrorCode::kState);

    std::promise<ErrorCode> ended;
    ScriptedReceiver streaming([&](Link& link) {
        accept(link);
        ended.set_value(caught([&] { link.next(5s, {}); }).code());
    });
    streaming.connect()->abort();
    CHECK(ended.get_future().get() == ErrorCode::kPeer);
}

TEST_CASE("calls out of turn are refused") {
    ScriptedReceiver receiver([](Link& link) {
        prepare(link);
        last_word(link);
    });
    const auto destination = receiver.connect();
    CHECK(caught([&] { destination->commit(); }).code() == ErrorCode::kState);
    destination->await_prepared({});
    CHECK(caught([&] { destination->await_prepared({}); }).code() == ErrorCode::kState);
    CHECK(caught([&] { destination->write({}, {}); }).code() == ErrorCode::kState);
}

}  // namespace
}  // namespace vmbuddies::process
