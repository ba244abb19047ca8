// SPDX-License-Identifier: MIT
#include "process/receiver.h"

#include <doctest/doctest.h>
#include <signal.h>

#include <functional>
#include <thread>

#include "../core/seed.h"
#include "caught.h"
#include "receiver_peer.h"

namespace vmbuddies::process {
namespace {

using namespace test;
using vmbuddies::test::below;
using Kind = ReceiverEvent::Kind;
using std::chrono::steady_clock;

/// What the receiver says no with, once it does.
std::string refusal(ScriptedSender& sender) {
    const Error error = caught([&] { sender.link.next(20s, {}); });
    CHECK(error.code() == ErrorCode::kPeerRefused);
    return error.what();
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

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
    sender.say(FrameType::kCommit);
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
    for (int i = 0; i < 50; ++i) {
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
    CHECK(contains(to.events.await(Kind::kRefused).message, "127.0.0.1"));
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
    CHECK(contains(to.events.await(Kind::kRefused).message, "has not said Hello within 200 ms"));
    CHECK(steady_clock::now() - begin < 2s);
}

TEST_CASE("a hello that cannot be is refused with the reason") {
    ReceivingHost to;
    const StillDomain source;
    const auto refused = [&](const std::function<void(Hello&)>& spoil) {
        Hello hello = Hello::of(source.domain->info());
        spoil(hello);
        ScriptedSender sender(to);
        sender.say(FrameType::kHello, hello.encode().bytes());
        return refusal(sender);
    };
    CHECK(contains(refused([](Hello& h) { h.uuid = "no"; }), "uuid"));
    CHECK(contains(refused([](Hello& h) { h.name = "../web"; }), "name"));
    CHECK(contains(refused([](Hello& h) { h.memory_bytes += 1; }), "4096"));
    CHECK(contains(refused([](Hello& h) { h.workload.wws_pages = 1 << 20; }), "writable working set"));
    CHECK(contains(refused([](Hello& h) { h.workload.phase = -1; }), "phase"));
    ScriptedSender newer(to);
    WireWriter version;
    version.u32(77);
    newer.say(FrameType::kHello, version.bytes());
    CHECK(contains(refusal(newer), "Version 77"));
    ScriptedSender hasty(to);
    hasty.say(FrameType::kCommit);
    CHECK(contains(refusal(hasty), "said Commit where Hello was due"));
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
        const std::string reason = refusal(second);
        CHECK(contains(reason, "2097152"));
        CHECK(contains(reason, "3145728"));
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
    CHECK(contains(refusal(second), "There is a domain named web--incoming here."));

    const auto local = to.host.start("db", idle());
    DomainInfo db = source.domain->info();
    db.name = "db";
    ScriptedSender third(to);
    third.hello(db);
    CHECK(contains(refusal(third), "There is a domain named db here."));
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
        sender.say(FrameType::kCommit);
        if (free) {
            sender.expect(FrameType::kStarted);
        } else {
            CHECK(contains(refusal(sender), "named web already"));
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
            if (last == 0) {
                to.events.await(Kind::kRefused);
            } else if (last >= 2) {
                to.events.await(Kind::kDropped);
            }
            CHECK(eventually([&] { return to.is_empty(); }));
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
        sender.say(FrameType::kCommit);
    }
    to.events.await(Kind::kStarted);
    CHECK(to.host.open("web")->verify(kPatience).intact);
}

TEST_CASE("a stream that is not this domain's is dropped, with the reason") {
    const StillDomain source;
    const ProcessDomain& domain = *source.domain;
    const std::uint64_t writes = domain.info().writes;
    ReceivingHost to;
    const auto failure = [&](const std::function<void(ScriptedSender&)>& stream) {
        to.events.clear();
        ScriptedSender sender(to);
        sender.hello(domain.info());
        sender.expect(FrameType::kAccepted);
        stream(sender);
        const std::string reason = refusal(sender);
        CHECK(contains(reason, to.events.await(Kind::kDropped).message));
        CHECK(to.is_empty());
        return reason;
    };
    CHECK(contains(failure([](ScriptedSender& s) { s.begin(stream::DomainType::kX86Pv); }), "type"));
    CHECK(contains(failure([&](ScriptedSender& s) {
                       s.begin();
                       s.pages(domain, 0, domain.pages());
                       s.writer.end();
                   }),
                   "no tail"));
    CHECK(contains(failure([&](ScriptedSender& s) {
                       s.begin();
                       s.pages(domain, 0, domain.pages());
                       s.tail(writes + 1);
                       s.writer.end();
                   }),
                   "header"));
    CHECK(contains(failure([&](ScriptedSender& s) {
                       s.begin();
                       s.pages(domain, 1, domain.pages());
                       s.tail(writes);
                       s.writer.end();
                   }),
                   "header"));
    CHECK(contains(failure([&](ScriptedSender& s) {
                       s.begin();
                       const StreamWriter::Page page{domain.pages(), domain.memory(), stream::PageType::kNormal};
                       s.writer.pages({&page, 1});
                   }),
                   "PAGE_DATA"));
    CHECK(contains(failure([&](ScriptedSender& s) {
                       s.whole_stream(domain);
                       s.expect(FrameType::kPrepared);
                       s.hello(domain.info());
                   }),
                   "Hello is no answer to Prepared"));
}

TEST_CASE("no bytes can do worse to a receiver than be dropped") {
    const std::uint64_t seed = vmbuddies::test::seed();
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    const StillDomain source;
    std::vector<std::byte> wire;
    StreamWriter writer([&](std::span<const iovec> parts) {
        for (const iovec& part : parts) {
            const auto* bytes = static_cast<const std::byte*>(part.iov_base);
            wire.insert(wire.end(), bytes, bytes + part.iov_len);
        }
    });
    writer.begin(stream::DomainType::kProcess);
    for (Pfn pfn = 0; pfn < source.domain->pages(); ++pfn) {
        const StreamWriter::Page page{pfn, source.domain->memory() + (pfn << kPageShift), stream::PageType::kNormal};
        writer.pages({&page, 1});
    }
    writer.record(stream::RecordType::kProcessTail, ProcessTail{.writes = 0}.encode().bytes());
    writer.end();

    ReceivingHost to;
    for (int i = 0; i < 40; ++i) {
        std::vector<std::byte> bytes = wire;
        for (auto changes = 1 + below(random, 20); changes > 0; --changes) {
            // Mostly near the start of a record: that is where the numbers are.
            const std::size_t record = 48 + below(random, source.domain->pages()) * (24 + kPageSize);
            const std::size_t at = below(random, 4) == 0 ? below(random, bytes.size()) : record + below(random, 24);
            bytes[std::min(at, bytes.size() - 1)] = static_cast<std::byte>(random());
        }
        if (i % 4 == 0) bytes.resize(below(random, bytes.size()));
        to.events.clear();
        {
            ScriptedSender sender(to);
            sender.hello(source.domain->info());
            sender.expect(FrameType::kAccepted);
            const iovec part{bytes.data(), bytes.size()};
            try {
                sender.link.write({&part, 1}, {});
            } catch (const Error& error) {
                CHECK(error.code() != ErrorCode::kDeadline);
            }
        }
        to.events.await(Kind::kDropped);
        CHECK(to.is_empty());
    }
}

TEST_CASE("closing drops what is not started, at any stage, and says so") {
    const StillDomain source;
    for (int stages = 0; stages <= 3; ++stages) {
        CAPTURE(stages);
        ReceivingHost to;
        ScriptedSender sender(to);
        if (stages >= 1) {
            sender.hello(source.domain->info());
            sender.expect(FrameType::kAccepted);
        }
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
        if (stages == 0) std::this_thread::sleep_for(20ms);
        const std::uint16_t port = to.receiver->port();
        const auto begin = steady_clock::now();
        std::jthread hearing([&] {
            CHECK(contains(refusal(sender), "The receiver is closing."));
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

TEST_CASE("a prepared guest that dies is not committed to") {
    const StillDomain source;
    ReceivingHost to;
    ScriptedSender sender(to);
    sender.hello(source.domain->info());
    sender.expect(FrameType::kAccepted);
    sender.whole_stream(*source.domain);
    sender.expect(FrameType::kPrepared);
    kill(to.host.open("web--incoming")->pid(), SIGKILL);
    CHECK(contains(refusal(sender), "The prepared guest has died."));
}

TEST_CASE("the 257th connection is turned away") {
    ReceivingHost to;
    std::vector<Socket> idle;
    for (int i = 0; i < 256; ++i) idle.push_back(to.dial());
    ScriptedSender late(to);
    CHECK(contains(refusal(late), "Too many domains are being received."));
    idle.clear();
    const StillDomain source;
    CHECK(eventually([&] {
        ScriptedSender sender(to);
        try {
            sender.hello(source.domain->info());
            sender.expect(FrameType::kAccepted);
            return true;
        } catch (const Error&) {
            return false;
        }
    }));
}

TEST_CASE("a host that cannot start guests refuses them") {
    const StillDomain source;
    ReceivingHost to;
    to.options.guest_program = "/no/such/program";
    to.receiver = std::make_unique<Receiver>(to.options, [&](const ReceiverEvent& event) { to.events.add(event); });
    ScriptedSender sender(to);
    sender.hello(source.domain->info());
    CHECK(contains(refusal(sender), "/no/such/program"));
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
