// SPDX-License-Identifier: MIT
// Who may send, who may receive, and for how long each may take: secrets, replays, silence, floods.
#include <doctest/doctest.h>

#include <fstream>
#include <functional>
#include <thread>

#include "caught.h"
#include "core/stream_reader.h"
#include "process/free_memory.h"
#include "process/process_destination.h"
#include "process/receiver_query.h"
#include "receiver_peer.h"

namespace vmbuddies::process {
namespace {

using namespace test;
using Kind = ReceiverEvent::Kind;
using std::chrono::steady_clock;

const std::string kSecret = "correct horse battery staple";

Receiver::Options with_secret() { return {.max_memory_bytes = 64 << 20, .secret = kSecret}; }

/// Passes bytes on between one sender and a receiver, and keeps what the sender said.
class Recorder {
   public:
    explicit Recorder(const ReceivingHost& to)
        : thread_([this, &to](const std::stop_token& stop) {
              try {
                  Socket near = listener_.accept(TimePoint::max(), stop).value();
                  Socket far = to.dial();
                  std::jthread back([&](const std::stop_token& ending) { pass(far, near, nullptr, ending); });
                  pass(near, far, &said_, stop);
                  far.finish();
              } catch (const Aborted&) {
              }
          }) {}

    std::uint16_t port() const { return listener_.port(); }
    std::vector<std::byte> said() {
        thread_.join();
        return said_;
    }

   private:
    static void pass(Socket& from, Socket& to, std::vector<std::byte>* keep, const std::stop_token& stop) {
        std::vector<std::byte> buffer(65536);
        try {
            for (;;) {
                from.wait(POLLIN, TimePoint::max(), stop);
                const iovec part{buffer.data(), buffer.size()};
                const auto received = from.receive({&part, 1});
                if (!received) continue;
                if (*received == 0) return to.finish();
                const auto bytes = std::span(buffer).first(*received);
                if (keep != nullptr) keep->insert(keep->end(), bytes.begin(), bytes.end());
                send_all(to, bytes);
            }
        } catch (const Aborted&) {
        } catch (const Error&) {
        }
    }

    Listener listener_{"127.0.0.1", 0};
    std::vector<std::byte> said_;
    std::jthread thread_;
};

TEST_CASE("with the same secret on both sides a domain moves, and questions are answered") {
    const StillDomain source;
    ReceivingHost to(with_secret());
    ScriptedSender sender(to);
    sender.hello(source.domain->info(), kSecret);
    sender.expect(FrameType::kAccepted);
    sender.whole_stream(*source.domain);
    sender.expect(FrameType::kPrepared);
    sender.commit();
    sender.expect(FrameType::kStarted);
    ReceiverQuery query{
        .host = "127.0.0.1", .port = to.receiver->port(), .secret = kSecret, .uuid = source.domain->info().uuid};
    CHECK(ask_receiver(query, {}) == Place::kRunning);
    query.secret = "another secret of some length";
    CHECK(caught([&] { ask_receiver(query, {}); }).code() == ErrorCode::kPeerRefused);
}

TEST_CASE("without the right secret a sender is told so in one sentence, and nothing comes of it") {
    const StillDomain source;
    ReceivingHost to(with_secret());
    const auto failure = [&](const std::string& secret, const ReceivingHost& host) {
        return caught([&] {
            ProcessDestination::connect({.host = "127.0.0.1", .port = host.receiver->port(), .secret = secret},
                                        source.domain->info(), {});
        });
    };
    const Error wrong = failure("wrong horse battery staple", to);
    CHECK(wrong.code() == ErrorCode::kPeerRefused);
    CHECK(says(wrong, "the secrets differ"));
    const Error none = failure("", to);
    CHECK(none.code() == ErrorCode::kPeerRefused);
    CHECK(says(none, "asks for its secret, and none was given."));
    const ReceivingHost open;
    const Error unproven = failure(kSecret, open);
    CHECK(unproven.code() == ErrorCode::kPeerRefused);
    CHECK(says(unproven, "has no secret, so it cannot prove"));
    CHECK(failure("short", to).code() == ErrorCode::kArgument);
    CHECK(failure(std::string(4097, 's'), to).code() == ErrorCode::kArgument);
    CHECK(caught([] { ReceivingHost(Receiver::Options{.max_memory_bytes = 1, .secret = "short"}); }).code() ==
          ErrorCode::kArgument);
    CHECK(to.is_empty());
    CHECK(to.events.kinds() == std::vector{Kind::kRefused, Kind::kRefused});
}

TEST_CASE("a receiver that does not know the secret gets no memory and no yes") {
    const StillDomain source;
    for (const bool knows_another : {false, true}) {
        CAPTURE(knows_another);
        Listener listener("127.0.0.1", 0);
        std::jthread impostor([&] {
            Link link(listener.accept(TimePoint::max(), {}).value(), Side::kReceiver, 5s);
            const Frame hello{FrameType::kHello, link.expect(FrameType::kHello, 5s, {})};
            WireWriter nonce;
            nonce.text(random_nonce());
            nonce.u32(1);
            if (knows_another) {
                challenge(link, hello, "the secret of somebody else", {});
                CHECK(caught([&] { link.expect(FrameType::kOffer, 5s, {}); }).code() == ErrorCode::kStream);
            } else {
                link.send(FrameType::kChallenge, nonce.bytes(), {});
                link.expect(FrameType::kOffer, 5s, {});
            }
            link.send(FrameType::kAccepted, {}, {});
            link.await_end(5s);
        });
        const Error error = caught([&] {
            ProcessDestination::connect({.host = "127.0.0.1", .port = listener.port(), .secret = kSecret},
                                        source.domain->info(), {});
        });
        CHECK(error.code() == ErrorCode::kStream);
        CHECK(says(error, "Accepted from 127.0.0.1:"));
        CHECK(says(error, "the secrets differ"));
    }
}

TEST_CASE("what was recorded of a migration starts nothing when it is said again, with a secret and without") {
    for (const std::string& secret : {std::string(), kSecret}) {
        CAPTURE(secret);
        const StillDomain source;
        const DomainInfo info = source.domain->info();
        std::vector<std::byte> recorded;
        {
            ReceivingHost to(Receiver::Options{.max_memory_bytes = 64 << 20, .secret = secret});
            Recorder recorder(to);
            {
                ScriptedSender sender(Socket::connect("127.0.0.1", recorder.port(), 5s, {}));
                sender.hello(info, secret);
                sender.expect(FrameType::kAccepted);
                sender.whole_stream(*source.domain);
                sender.expect(FrameType::kPrepared);
                sender.commit();
                sender.expect(FrameType::kStarted);
            }
            recorded = recorder.said();
            CHECK(recorded.size() > info.memory_bytes / 2);
        }
        ReceivingHost elsewhere(Receiver::Options{.max_memory_bytes = 64 << 20, .secret = secret});
        Socket replay = elsewhere.dial();
        try {
            send_all(replay, recorded);
        } catch (const Error&) {
            // The receiver hung up before it had heard all.
        }
        const ReceiverEvent event = elsewhere.events.await(Kind::kRefused);
        CHECK(event.message.c_str() == doctest::Contains("is not sealed for this connection"));
        CHECK(elsewhere.is_empty());
    }
}

TEST_CASE("a Commit said before Prepared, or with the token of another, starts nothing") {
    const StillDomain source;
    ReceivingHost to;
    WireWriter guess;
    guess.text(std::string(32, 'x'));
    for (const bool hears : {false, true}) {
        CAPTURE(hears);
        ScriptedSender sender(to);
        sender.hello(source.domain->info());
        sender.expect(FrameType::kAccepted);
        sender.whole_stream(*source.domain);
        if (!hears) sender.say(FrameType::kCommit, guess.bytes());
        sender.expect(FrameType::kPrepared);
        if (hears) sender.say(FrameType::kCommit, guess.bytes());
        CHECK(sender.refusal() == doctest::Contains("The Commit does not answer this Prepared."));
        CHECK(to.is_empty());
    }
}

TEST_CASE("no frame can be changed, repeated or put in by somebody in between") {
    Loopback ends = Loopback::connect();
    Link receiver(std::move(ends.far), Side::kReceiver, 5s);
    Link sender(std::move(ends.near), Side::kSender, 5s);
    const Digest one = hmac(bytes_of("one"), {});
    const Digest two = hmac(bytes_of("two"), {});
    sender.seal(one, two);
    receiver.seal(two, one);
    sender.send(FrameType::kAlive, bytes_of("content"), {});
    CHECK(receiver.expect(FrameType::kAlive, 5s, {}).size() == 7);

    // What the sender would say next, by a copy of its keys, then spoilt in one byte after the other.
    Loopback copy = Loopback::connect();
    Link twin(std::move(copy.near), Side::kSender, 5s);
    twin.seal(one, two);
    twin.send(FrameType::kCommit, bytes_of("token"), {});
    twin.finish();
    const std::vector<std::byte> frame = receive_all(copy.far);
    REQUIRE(frame.size() == Frame::kHeaderBytes + 5 + sizeof(Digest));
    for (std::size_t i = 4; i < frame.size(); ++i) {  // from the type on; another magic is no frame at all
        if (i >= 9 && i < 12) continue;               // a length of which the rest never comes
        CAPTURE(i);
        Loopback spoilt = Loopback::connect();
        Link hearer(std::move(spoilt.far), Side::kReceiver, 5s);
        hearer.seal(two, one);
        std::vector<std::byte> bytes = frame;
        bytes[i] ^= std::byte{1};
        bytes.resize(bytes.size() + 1);
        send_all(spoilt.near, bytes);
        CHECK(caught([&] { hearer.expect(FrameType::kCommit, 5s, {}); }).code() == ErrorCode::kStream);
    }
    // The right frame in its place, and the same once more.
    Loopback right = Loopback::connect();
    Link hearer(std::move(right.far), Side::kReceiver, 5s);
    hearer.seal(two, one);
    send_all(right.near, frame);
    send_all(right.near, frame);
    CHECK(hearer.expect(FrameType::kCommit, 5s, {}).size() == 5);
    CHECK(caught([&] { hearer.next(5s, {}); }).code() == ErrorCode::kStream);
}

TEST_CASE("a failure that was put in by somebody else is no failure: only a sealed one counts after Accepted") {
    Loopback ends = Loopback::connect();
    Link sender(std::move(ends.near), Side::kSender, 5s);
    sender.seal(hmac(bytes_of("one"), {}), hmac(bytes_of("two"), {}));
    WireWriter reason;
    reason.text("the copy is gone");
    send_all(ends.far, raw_frame(Frame::kMagic, 8, static_cast<std::uint32_t>(reason.bytes().size()), reason.bytes()));
    CHECK(caught([&] { sender.next(5s, {}); }).code() == ErrorCode::kStream);
}

TEST_CASE("a peer of an older release, and one that talks to it, are told which versions there are") {
    const ReceivingHost to;
    const StillDomain source;
    Link old(to.dial(), Side::kSender, 5s);
    WireWriter hello;  // as version 1 said it: its domain right behind the number
    hello.u32(1);
    hello.text(source.domain->info().uuid);
    old.send(FrameType::kHello, hello.bytes(), {});
    const Error error = caught([&] { old.expect(FrameType::kAccepted, 5s, {}); });
    CHECK(error.code() == ErrorCode::kPeerRefused);
    CHECK(says(error, "It speaks version 1 of the migration protocol, and this side 2: both need the same release"));
}

TEST_CASE("a peer that falls silent is dropped in every state, and its name and memory are free again") {
    const StillDomain source;
    const DomainInfo info = source.domain->info();
    ReceivingHost to(Receiver::Options{
        .max_memory_bytes = 3 << 20, .hello_timeout = 150ms, .stream_timeout = 150ms, .decision_timeout = 150ms});
    struct State {
        const char* says;
        std::function<void(ScriptedSender&)> reach;
    };
    const State states[] = {
        {"has not said Hello within 150 ms", [](ScriptedSender&) {}},
        {"has not said what it wants within 150 ms", [](ScriptedSender& s) { s.greet(); }},
        {"has sent 0 bytes of the stream within 150 ms", [&](ScriptedSender& s) { s.hello(info); }},
        {"bytes of the stream within 150 ms",
         [&](ScriptedSender& s) {
             s.hello(info);
             s.expect(FrameType::kAccepted);
             s.begin();
             s.pages(*source.domain, 0, 100);
         }},
        {"has said nothing for 150 ms after Prepared",
         [&](ScriptedSender& s) {
             s.hello(info);
             s.expect(FrameType::kAccepted);
             s.whole_stream(*source.domain);
             s.expect(FrameType::kPrepared);
         }},
    };
    for (const State& state : states) {
        CAPTURE(state.says);
        to.events.clear();
        ScriptedSender silent(to);
        state.reach(silent);
        CHECK(to.events.await(Kind::kRefused, Kind::kDropped).message.c_str() == doctest::Contains(state.says));
        CHECK(to.is_empty());
    }
    ScriptedSender next(to);
    next.hello(info);
    next.expect(FrameType::kAccepted);
}

TEST_CASE("a stream that only trickles is dropped, and one that brings what is demanded is not") {
    const StillDomain source;
    ReceivingHost to(Receiver::Options{.max_memory_bytes = 64 << 20, .stream_timeout = 200ms, .min_stream_bytes = 64});
    ScriptedSender trickling(to);
    trickling.hello(source.domain->info());
    trickling.expect(FrameType::kAccepted);
    trickling.begin();
    WireWriter record;  // a long one that a receiver need not understand
    record.u32(static_cast<std::uint32_t>(stream::RecordType::kHeartbeat));
    record.u32(StreamReader::kMaxTailBytes);
    const iovec head{const_cast<std::byte*>(record.bytes().data()), record.bytes().size()};
    trickling.link.write({&head, 1}, {});
    const auto begin = steady_clock::now();
    bool dropped = false;
    while (!dropped && steady_clock::now() - begin < kPatience) {
        try {
            std::byte byte{0};
            const iovec part{&byte, 1};
            trickling.link.write({&part, 1}, {});
            std::this_thread::sleep_for(20ms);
        } catch (const Error& error) {
            CHECK(says(error, "bytes of the stream within 200 ms"));
            dropped = true;
        }
    }
    CHECK(dropped);
    CHECK(to.is_empty());

    ScriptedSender slow(to);
    slow.hello(source.domain->info());
    slow.expect(FrameType::kAccepted);
    slow.begin();
    for (int i = 0; i < 20; ++i) {
        for (int k = 0; k < 4; ++k) slow.writer.record(stream::RecordType::kHeartbeat, {});
        std::this_thread::sleep_for(30ms);
    }
    slow.pages(*source.domain, 0, source.domain->pages());
    slow.tail(source.domain->info().writes);
    slow.writer.end();
    CHECK_NOTHROW(slow.expect(FrameType::kPrepared));
}

TEST_CASE("a prepared domain is kept for as long as its sender says that it lives") {
    const StillDomain source;
    ReceivingHost to(Receiver::Options{.max_memory_bytes = 64 << 20, .decision_timeout = 1000ms});
    ScriptedSender sender(to);
    sender.hello(source.domain->info());
    sender.expect(FrameType::kAccepted);
    sender.whole_stream(*source.domain);
    sender.expect(FrameType::kPrepared);
    const auto begin = steady_clock::now();
    while (steady_clock::now() - begin < 2500ms) {
        sender.say(FrameType::kAlive);
        std::this_thread::sleep_for(50ms);
    }
    sender.commit();
    CHECK_NOTHROW(sender.expect(FrameType::kStarted));
}

TEST_CASE("a flood of strangers leaves some lines and one count of the rest, and none is lost") {
    constexpr int kStrangers = 300;
    ReceivingHost to;
    for (int i = 0; i < kStrangers; ++i) {
        Socket stranger = to.dial();
        send_all(stranger, bytes_of("GET / HTTP/1.1\r\n\r\n"));
        receive_all(stranger);
    }
    to.receiver->close();
    std::uint64_t counted = 0;
    const std::vector<ReceiverEvent> events = to.events.all();
    for (const ReceiverEvent& event : events) {
        CHECK(event.kind == Kind::kRefused);
        counted += event.times;
    }
    CHECK(counted == kStrangers);
    CHECK(events.size() < kStrangers / 2);
}

TEST_CASE("domains that have started count for as long as they run, and for no longer") {
    const StillDomain source;
    ReceivingHost to(3 << 20);
    ScriptedSender first(to);
    first.hello(source.domain->info());
    first.expect(FrameType::kAccepted);
    first.whole_stream(*source.domain);
    first.expect(FrameType::kPrepared);
    first.commit();
    first.expect(FrameType::kStarted);
    Offer other = Offer::of(source.domain->info());
    other.name = "db";
    other.uuid = std::string(32, 'd');
    ScriptedSender second(to);
    second.hello(other);
    CHECK(second.refusal() == doctest::Contains("of the 3 MiB for domains that come here 2 MiB are taken."));
    to.host.open("web")->destroy();
    ScriptedSender third(to);
    third.hello(other);
    third.expect(FrameType::kAccepted);
}

/// A tree that looks like /proc and /sys to free_memory().
class FakeSystem {
   public:
    FakeSystem() {
        std::string pattern = (std::filesystem::temp_directory_path() / "vmbuddies-system-XXXXXX").string();
        REQUIRE(::mkdtemp(pattern.data()) != nullptr);
        root = pattern;
        write("/proc/meminfo", "MemTotal: 9000000 kB\nMemFree: 10 kB\nMemAvailable: 1000000 kB\n");
    }
    ~FakeSystem() { std::filesystem::remove_all(root); }
    void write(const std::string& path, const std::string& text) const {
        std::filesystem::create_directories(std::filesystem::path(root + path).parent_path());
        std::ofstream(root + path) << text;
    }
    std::string root;
};

TEST_CASE("what is free is the least of the host's and of each cgroup's on the way up") {
    const FakeSystem system;
    CHECK(free_memory(system.root).bytes == 1'024'000'000);
    CHECK(free_memory(system.root).limit == "this host has");

    system.write("/proc/self/cgroup", "0::/a/b\n");
    system.write("/proc/self/mountinfo", "30 1 0:26 / /sys/fs/cgroup rw shared:4 - cgroup2 cgroup2 rw\n");
    system.write("/sys/fs/cgroup/a/b/memory.max", "max\n");
    system.write("/sys/fs/cgroup/a/b/memory.current", "50000000\n");
    CHECK(free_memory(system.root).bytes == 1'024'000'000);
    system.write("/sys/fs/cgroup/a/memory.max", "314572800\n");
    system.write("/sys/fs/cgroup/a/memory.current", "114572800\n");
    CHECK(free_memory(system.root).bytes == 200'000'000);
    CHECK(free_memory(system.root).limit == "its cgroup /a allows");
    system.write("/sys/fs/cgroup/a/memory.stat", "anon 1\ninactive_file 14572800\nactive_file 9\n");
    CHECK(free_memory(system.root).bytes == 214'572'800);
    system.write("/sys/fs/cgroup/a/b/memory.max", "40000000\n");
    CHECK(free_memory(system.root).bytes == 0);

    const FakeSystem older;
    older.write("/proc/self/cgroup", "5:cpu,cpuacct:/x\n9:memory:/docker/abc/web\n0::/\n");
    older.write("/proc/self/mountinfo", "40 1 0:30 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n");
    older.write("/sys/fs/cgroup/memory/web/memory.limit_in_bytes", "9223372036854771712\n");
    older.write("/sys/fs/cgroup/memory/web/memory.usage_in_bytes", "1000\n");
    older.write("/sys/fs/cgroup/memory/memory.limit_in_bytes", "300000000\n");
    older.write("/sys/fs/cgroup/memory/memory.usage_in_bytes", "100000000\n");
    older.write("/sys/fs/cgroup/memory/memory.stat", "total_inactive_file 1000000\n");
    CHECK(free_memory(older.root).bytes == 201'000'000);
    CHECK(free_memory().bytes > 0);
}

TEST_CASE("a domain that its cgroup has no room for is refused, and let in once there is") {
    const StillDomain source;
    const FakeSystem system;
    system.write("/proc/self/cgroup", "0::/\n");
    system.write("/proc/self/mountinfo", "30 1 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
    system.write("/sys/fs/cgroup/memory.max", "31457280\n");
    system.write("/sys/fs/cgroup/memory.current", "13631488\n");
    ReceivingHost to(Receiver::Options{.max_memory_bytes = MemoryBudget::kNoLimit, .system_root = system.root});
    {
        ScriptedSender sender(to);
        sender.hello(source.domain->info());
        CHECK(sender.refusal() == doctest::Contains("of the 17 MiB that its cgroup / allows"));
    }
    system.write("/sys/fs/cgroup/memory.current", "11534336\n");
    ScriptedSender sender(to);
    sender.hello(source.domain->info());
    sender.expect(FrameType::kAccepted);
    // Promised, though not all of it is touched yet: a second one has no room.
    ScriptedSender second(to);
    Offer other = Offer::of(source.domain->info());
    other.name = "db";
    other.memory_bytes = 4 << 20;
    second.hello(other);
    CHECK(second.refusal() == doctest::Contains("are promised to guests or kept for this program."));
}

TEST_CASE("a copy is given memory again that was taken for its move, and no other guest is") {
    const StillDomain source;
    ReceivingHost to(with_secret());
    ScriptedSender sender(to);
    Offer offer = Offer::of(source.domain->info());
    sender.hello(offer, kSecret);
    sender.expect(FrameType::kAccepted);
    sender.whole_stream(*source.domain);
    sender.expect(FrameType::kPrepared);
    sender.commit();
    sender.expect(FrameType::kStarted);
    const auto copy = to.host.open("web");
    copy->balloon(offer.workload.used_pages * kPageSize, kPatience);
    REQUIRE(copy->info().present_bytes < offer.memory_bytes);
    ReceiverQuery query{.host = "127.0.0.1", .port = to.receiver->port(), .secret = kSecret, .uuid = offer.uuid};
    CHECK(restore_memory(query, offer.memory_bytes, {}) == Place::kRunning);
    CHECK(copy->info().present_bytes == offer.memory_bytes);
    CHECK(caught([&] { restore_memory(query, 2 * offer.memory_bytes, {}); }).code() == ErrorCode::kPeerRefused);

    const auto local = to.host.start("local", idle());
    query.uuid = local->info().uuid;
    const Error error = caught([&] { restore_memory(query, offer.memory_bytes, {}); });
    CHECK(error.code() == ErrorCode::kPeerRefused);
    CHECK(says(error, "No domain with this uuid has started here."));
}

}  // namespace
}  // namespace vmbuddies::process
