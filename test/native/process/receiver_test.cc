// SPDX-License-Identifier: MIT
#include "process/receiver.h"

#include <doctest/doctest.h>
#include <signal.h>

#include <functional>
#include <thread>

#include "../core/seed.h"
#include "caught.h"
#include "process/control_block.h"
#include "process/receiver_query.h"
#include "receiver_peer.h"

namespace vmbuddies::process {
namespace {

using namespace test;
using vmbuddies::test::below;
using Kind = ReceiverEvent::Kind;
using std::chrono::steady_clock;

TEST_CASE("a domain is accepted, prepared and started, and goes on where it stopped") {
    const StillDomain source;
    ReceivingHost to;
    ScriptedSender sender(to);
    sender.hello(source.domain->info());
    sender.expect(FrameType::kAccepted);
    sender.whole_stream(*source.domain);
    sender.expect(FrameType::kPrepared);
    const auto incoming = to.host.open("web--incoming");
    CHECK(incoming->digest() == source.domain->digest());
    CHECK(incoming->info().present_bytes == source.domain->info().present_bytes);
    CHECK(incoming->info().paused);
    sender.commit();
    sender.expect(FrameType::kStarted);

    const auto started = to.host.open("web");
    CHECK(started->info().uuid == source.domain->info().uuid);
    CHECK_FALSE(started->info().independent);
    CHECK(let_write(*started, 100));
    CHECK(started->verify(kPatience).intact);
    const ReceiverEvent event = to.events.await(Kind::kStarted);
    CHECK(event.domain == "web");
    CHECK(event.peer.starts_with("127.0.0.1:"));
    CHECK(event.bytes == sender.writer.bytes());
    CHECK(to.events.kinds() == std::vector{Kind::kAccepted, Kind::kPrepared, Kind::kStarted});
    to.receiver->close();
    CHECK(let_write(*started, 100));
}

TEST_CASE("strangers are shown the door, and the next one is served") {
    const std::uint64_t seed = vmbuddies::test::seed();
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    ReceivingHost to;
    for (int i = 0; i < 15; ++i) {
        to.events.clear();
        Socket stranger = to.dial();
        std::vector<std::byte> bytes = random_bytes(random, 4 + below(random, 3000));
        if (i % 3 == 1) bytes = raw_frame(Frame::kMagic, static_cast<std::uint32_t>(below(random, 12)), 0);
        if (i % 3 == 2) {
            const auto payload = random_bytes(random, below(random, 500));
            bytes = raw_frame(Frame::kMagic, 1, static_cast<std::uint32_t>(payload.size()), payload);
        }
        send_all(stranger, bytes);
        const ReceiverEvent event = to.events.await(Kind::kRefused);
        CHECK(event.domain.empty());
        CHECK_FALSE(event.message.empty());
    }
    Socket leaving = to.dial();
    to.events.clear();
    send_all(leaving, raw_frame(Frame::kMagic, 1, 100));
    leaving.reset();
    CHECK(to.events.await(Kind::kRefused).message.c_str() == doctest::Contains("127.0.0.1"));
    CHECK(to.is_empty());
    const StillDomain source;
    ScriptedSender sender(to);
    sender.hello(source.domain->info());
    sender.expect(FrameType::kAccepted);
}

TEST_CASE("a stranger who dawdles is given no more time than one who is silent") {
    ReceivingHost to(64 << 20, 200ms);
    Socket stranger = to.dial();
    const auto frame = raw_frame(Frame::kMagic, 1, 1000, std::vector<std::byte>(1000));
    const auto begin = steady_clock::now();
    CHECK_NOTHROW([&] {
        for (std::size_t i = 0; i < 12; ++i) {
            send_all(stranger, std::span(frame).subspan(i, 1));
            std::this_thread::sleep_for(20ms);
        }
    }());
    CHECK(to.events.await(Kind::kRefused).message.c_str() == doctest::Contains("has not said Hello within 200 ms"));
    CHECK(steady_clock::now() - begin < 2s);
}

TEST_CASE("a hello that cannot be is refused with the reason") {
    ReceivingHost to;
    const StillDomain source;
    const auto refused = [&](const std::function<void(Offer&)>& spoil) {
        Offer offer = Offer::of(source.domain->info());
        spoil(offer);
        ScriptedSender sender(to);
        sender.hello(offer);
        return sender.refusal();
    };
    CHECK(refused([](Offer& h) { h.uuid = "no"; }) == doctest::Contains("uuid"));
    CHECK(refused([](Offer& h) { h.name = "../web"; }) == doctest::Contains("name"));
    CHECK(refused([](Offer& h) { h.memory_bytes += 1; }) == doctest::Contains("4096"));
    CHECK(refused([](Offer& h) { h.workload.wws_pages = 1 << 20; }) == doctest::Contains("writable working set"));
    CHECK(refused([](Offer& h) { h.workload.phase = -1; }) == doctest::Contains("phase"));
    ScriptedSender newer(to);
    WireWriter version;
    version.u32(77);
    newer.say(FrameType::kHello, version.bytes());
    CHECK(newer.refusal() == doctest::Contains("It speaks version 77 of the migration protocol, and this side 2"));
    ScriptedSender hasty(to);
    hasty.say(FrameType::kCommit);
    CHECK(hasty.refusal() == doctest::Contains("said Commit where Hello was due"));
    CHECK(to.is_empty());
}

TEST_CASE("no more memory is promised than there is for incoming domains") {
    const StillDomain source;
    ReceivingHost to(3 << 20);
    auto first = std::make_unique<ScriptedSender>(to);
    first->hello(source.domain->info());
    first->expect(FrameType::kAccepted);
    DomainInfo other = source.domain->info();
    other.name = "db";
    {
        ScriptedSender second(to);
        second.hello(other);
        const doctest::String reason = second.refusal();
        CHECK(reason == doctest::Contains("needs 2 MiB"));
        CHECK(reason == doctest::Contains("of the 3 MiB"));
    }
    first.reset();
    to.events.await(Kind::kDropped);
    ScriptedSender third(to);
    third.hello(other);
    third.expect(FrameType::kAccepted);
}

TEST_CASE("a name is given once") {
    const StillDomain source;
    ReceivingHost to;
    ScriptedSender first(to);
    first.hello(source.domain->info());
    first.expect(FrameType::kAccepted);
    ScriptedSender second(to);
    second.hello(source.domain->info());
    CHECK(second.refusal() == doctest::Contains("There is a domain named web--incoming here."));

    const auto local = to.host.start("db", idle());
    DomainInfo db = source.domain->info();
    db.name = "db";
    ScriptedSender third(to);
    third.hello(db);
    CHECK(third.refusal() == doctest::Contains("There is a domain named db here."));
    CHECK(local->alive());
}

TEST_CASE("a domain can move within one registry, once its own name is free") {
    ReceivingHost to;
    const auto source = to.host.start("web", steady());
    source->suspend(kPatience);
    for (const bool free : {false, true}) {
        CAPTURE(free);
        ScriptedSender sender(to);
        sender.hello(source->info());
        sender.expect(FrameType::kAccepted);
        sender.whole_stream(*source);
        sender.expect(FrameType::kPrepared);
        if (free) source->rename("web--outgoing");
        sender.commit();
        if (free) {
            sender.expect(FrameType::kStarted);
        } else {
            CHECK(sender.refusal() == doctest::Contains("named web already"));
            CHECK_FALSE(to.host.has("web--incoming"));
        }
        CHECK(source->alive());
    }
    CHECK(to.host.open("web")->pid() != source->pid());
    CHECK(to.host.open("web")->verify(kPatience).intact);
}

TEST_CASE("a connection cut before commit leaves nothing behind, at any stage") {
    const StillDomain source;
    ReceivingHost to;
    const std::vector<std::function<void(ScriptedSender&)>> stages = {
        [](ScriptedSender&) {},
        [&](ScriptedSender& s) { s.hello(source.domain->info()); },
        [](ScriptedSender& s) { s.expect(FrameType::kAccepted); },
        [&](ScriptedSender& s) {
            s.begin();
            s.pages(*source.domain, 0, 100);
        },
        [&](ScriptedSender& s) {
            s.pages(*source.domain, 100, source.domain->pages());
            s.tail(source.domain->info().writes);
            s.writer.end();
        },
        [](ScriptedSender& s) { s.expect(FrameType::kPrepared); },
        [](ScriptedSender& s) { s.say(FrameType::kAbort); },
    };
    for (std::size_t last = 0; last < stages.size(); ++last) {
        for (const bool breaks : {false, true}) {
            CAPTURE(last);
            CAPTURE(breaks);
            to.events.clear();
            {
                ScriptedSender sender(to);
                for (std::size_t stage = 0; stage <= last; ++stage) stages[stage](sender);
                if (breaks) sender.link.await_end(0ms);  // a reset
            }
            // Whether it was accepted before the cut was noticed is a matter of luck.
            to.events.await(Kind::kDropped, Kind::kRefused);
            CHECK(to.is_empty());
        }
    }
    to.receiver->close();
    CHECK(to.is_empty());
}

TEST_CASE("a connection cut after commit leaves the domain running") {
    const StillDomain source;
    ReceivingHost to;
    {
        ScriptedSender sender(to);
        sender.hello(source.domain->info());
        sender.expect(FrameType::kAccepted);
        sender.whole_stream(*source.domain);
        sender.expect(FrameType::kPrepared);
        sender.commit();
    }
    to.events.await(Kind::kStarted);
    CHECK(to.host.open("web")->verify(kPatience).intact);
}

TEST_CASE(
    "a receiver says what became of a domain: held until its connection has ended, then running, gone or absent") {
    const StillDomain source;
    ReceivingHost to;
    const std::string uuid = source.domain->info().uuid;
    const auto place = [&] {
        return std::string(place_name(
            ask_receiver({.host = "127.0.0.1", .port = to.receiver->port(), .uuid = uuid, .timeout = kPatience}, {})));
    };
    CHECK(place() == "absent");
    for (const bool commits : {false, true}) {
        CAPTURE(commits);
        ScriptedSender sender(to);
        sender.hello(source.domain->info());
        sender.expect(FrameType::kAccepted);
        CHECK(place() == "held");
        sender.whole_stream(*source.domain);
        sender.expect(FrameType::kPrepared);
        CHECK(place() == "held");
        if (commits) {
            sender.commit();
            sender.expect(FrameType::kStarted);
        } else {
            sender.say(FrameType::kAbort);
            CHECK(sender.refusal() == doctest::Contains("The sender has aborted."));
        }
        CHECK(place() == (commits ? "running" : "absent"));
    }
    const auto copy = to.host.open("web");
    copy->rename("other");
    CHECK(place() == "running");
    copy->suspend(kPatience);
    CHECK(place() == "running");
    copy->destroy();
    CHECK(place() == "gone");
}

TEST_CASE(
    "the answer about a domain does not come from another one of its name, and looks at every guest of the host") {
    const StillDomain source;
    ReceivingHost to;
    const auto local = to.host.start("web", idle());
    const auto ask = [&](const std::string& uuid) {
        return ask_receiver({.host = "127.0.0.1", .port = to.receiver->port(), .uuid = uuid, .timeout = kPatience}, {});
    };
    CHECK(ask(source.domain->info().uuid) == Place::kAbsent);
    CHECK(ask(local->info().uuid) == Place::kRunning);
    local->suspend(kPatience);
    local->control().held.store(1);  // as a migration leaves it that was killed
    CHECK(ask(local->info().uuid) == Place::kHeld);
    CHECK(caught([&] { ask("no uuid"); }).code() == ErrorCode::kArgument);
    ScriptedSender odd(to);
    WireWriter question;
    question.text("' OR 1=1");
    odd.greet();
    odd.say(FrameType::kAsk, question.bytes());
    CHECK(odd.refusal() == doctest::Contains("32 hexadecimal digits"));
}

TEST_CASE("a question that is not answered ends at its deadline") {
    const Listener mute("127.0.0.1", 0);
    const ReceiverQuery query{.host = "127.0.0.1", .port = mute.port(), .uuid = std::string(32, 'a'), .timeout = 100ms};
    CHECK(caught([&] { ask_receiver(query, {}); }).code() == ErrorCode::kDeadline);
}

TEST_CASE("closing drops what is not started, at any stage, and says so") {
    const StillDomain source;
    for (int stages = 1; stages <= 3; ++stages) {
        CAPTURE(stages);
        ReceivingHost to;
        ScriptedSender sender(to);
        sender.hello(source.domain->info());
        sender.expect(FrameType::kAccepted);
        if (stages >= 2) {
            sender.begin();
            sender.pages(*source.domain, 0, 100);
        }
        if (stages >= 3) {
            sender.pages(*source.domain, 100, source.domain->pages());
            sender.tail(source.domain->info().writes);
            sender.writer.end();
            sender.expect(FrameType::kPrepared);
        }
        const std::uint16_t port = to.receiver->port();
        const auto begin = steady_clock::now();
        std::jthread hearing([&] {
            CHECK(sender.refusal() == doctest::Contains("The receiver is closing."));
            const Link hung_up = std::move(sender.link);
        });
        std::jthread other([&] { to.receiver->close(); });
        to.receiver->close();
        CHECK(steady_clock::now() - begin < 5s);
        CHECK(to.is_empty());
        to.receiver->close();
        CHECK(to.receiver->port() == port);
        CHECK(caught([&] { to.dial(); }).code() == ErrorCode::kPeer);
    }
}

TEST_CASE("closing does not wait for strangers who say nothing") {
    ReceivingHost to;
    const Socket silent = to.dial();
    std::this_thread::sleep_for(20ms);
    const auto begin = steady_clock::now();
    to.receiver->close();
    CHECK(steady_clock::now() - begin < 5s);
}

TEST_CASE("a prepared guest that dies is not committed to") {
    const StillDomain source;
    ReceivingHost to;
    ScriptedSender sender(to);
    sender.hello(source.domain->info());
    sender.expect(FrameType::kAccepted);
    sender.whole_stream(*source.domain);
    sender.expect(FrameType::kPrepared);
    kill(to.host.open("web--incoming")->pid(), SIGKILL);
    CHECK(sender.refusal() == doctest::Contains("guest has died."));
}

TEST_CASE("however many connections are idle, or have only said Hello, an honest one is served") {
    const StillDomain source;
    ReceivingHost to;
    std::vector<Socket> idle;
    std::vector<std::unique_ptr<ScriptedSender>> greeted;
    for (int i = 0; i < 400; ++i) {
        idle.push_back(to.dial());
        if (i % 4 == 0) greeted.emplace_back(std::make_unique<ScriptedSender>(to))->greet();
    }
    ScriptedSender sender(to);
    sender.hello(source.domain->info());
    sender.expect(FrameType::kAccepted);
    sender.whole_stream(*source.domain);
    sender.expect(FrameType::kPrepared);
    sender.commit();
    sender.expect(FrameType::kStarted);
}

TEST_CASE("a host that cannot start guests refuses them") {
    const StillDomain source;
    ReceivingHost to;
    to.options.guest_program = "/no/such/program";
    to.receiver = std::make_unique<Receiver>(to.options, [&](const ReceiverEvent& event) { to.events.add(event); });
    ScriptedSender sender(to);
    sender.hello(source.domain->info());
    CHECK(sender.refusal() == doctest::Contains("/no/such/program"));
    CHECK(to.is_empty());
}

TEST_CASE("an address that is not this host's cannot be listened on") {
    ReceivingHost to;
    to.options.host = "192.0.2.1";
    CHECK(caught([&] { Receiver(to.options, [](const ReceiverEvent&) {}); }).code() == ErrorCode::kSystem);
    to.options.host = "127.0.0.1";
    to.options.port = to.receiver->port();
    CHECK(caught([&] { Receiver(to.options, [](const ReceiverEvent&) {}); }).code() == ErrorCode::kSystem);
}

}  // namespace
}  // namespace vmbuddies::process
