// SPDX-License-Identifier: MIT
#include "process/link.h"

#include <doctest/doctest.h>
#include <limits.h>
#include <poll.h>

#include <algorithm>
#include <thread>

#include "../core/seed.h"
#include "caught.h"
#include "loopback.h"

namespace vmbuddies::process {
namespace {

using namespace test;
using vmbuddies::test::below;

struct Links {
    explicit Links(Loopback ends = Loopback::connect(), std::chrono::milliseconds stall = 5s)
        : sender(std::move(ends.near), Side::kSender, stall), receiver(std::move(ends.far), Side::kReceiver, stall) {}
    Link sender;
    Link receiver;
};

/// A link whose other end is in the test's own hands.
struct HalfLink {
    explicit HalfLink(Side side = Side::kSender, std::chrono::milliseconds stall = 5s,
                      Loopback ends = Loopback::connect())
        : link(std::move(ends.near), side, stall), far(std::move(ends.far)) {}
    Link link;
    Socket far;
};

iovec part_of(std::span<std::byte> bytes) { return {bytes.data(), bytes.size()}; }

/// Runs `wait`, stops it in its midst, and expects Aborted. One that heeds no stop would never come back.
template <class Wait>
void expect_abort(Wait&& wait) {
    std::stop_source source;
    std::jthread stopper([&] {
        std::this_thread::sleep_for(50ms);
        source.request_stop();
    });
    CHECK_THROWS_AS(wait(source.get_token()), Aborted);
}

TEST_CASE("a frame arrives whole however the network cuts it") {
    const std::uint64_t seed = vmbuddies::test::seed();
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    HalfLink half;
    std::vector<std::byte> wire;
    std::vector<std::vector<std::byte>> payloads;
    for (int i = 0; i < 40; ++i) {
        payloads.push_back(random_bytes(random, i % 10 == 0 ? Frame::kMaxPayload : below(random, 300)));
        const auto frame =
            raw_frame(Frame::kMagic, 1, static_cast<std::uint32_t>(payloads.back().size()), payloads.back());
        wire.insert(wire.end(), frame.begin(), frame.end());
    }
    std::jthread writer([&] {
        for (std::span<const std::byte> left = wire; !left.empty();) {
            const auto piece = left.first(std::min<std::size_t>(left.size(), 1 + below(random, 20'000)));
            send_all(half.far, piece);
            left = left.subspan(piece.size());
        }
    });
    for (const auto& payload : payloads) CHECK(half.link.expect(FrameType::kHello, 5s, {}) == payload);
}

TEST_CASE("what is no frame is refused as soon as it can be known") {
    const auto error_after = [](std::span<const std::byte> bytes) {
        HalfLink half;
        send_all(half.far, bytes);
        return caught([&] { half.link.next(5s, {}); });
    };
    WireWriter http;
    http.text("GET / HTTP/1.1");
    CHECK(error_after(http.bytes().subspan(4, 4)).code() == ErrorCode::kStream);
    CHECK(says(error_after(raw_frame(Frame::kMagic, 0, 0)), "unknown type 0"));
    CHECK(says(error_after(raw_frame(Frame::kMagic, 99, 0)), "unknown type 99"));
    CHECK(says(error_after(raw_frame(Frame::kMagic, 1, Frame::kMaxPayload + 1)),
               std::to_string(Frame::kMaxPayload + 1) + " bytes"));
    CHECK(says(error_after(raw_frame(Frame::kMagic, 1, UINT32_MAX)), "4294967295 bytes"));
    CHECK(error_after(raw_frame(Frame::kMagic, 8, 4, raw_frame(UINT32_MAX, 0, 0))).code() == ErrorCode::kStream);
}

TEST_CASE("a connection that ends in the middle of a frame is broken") {
    HalfLink half;
    send_all(half.far, raw_frame(Frame::kMagic, 1, 100));
    half.far.finish();
    CHECK(caught([&] { half.link.next(5s, {}); }).code() == ErrorCode::kPeer);
}

TEST_CASE("the stream arrives as it was written, and the frames around it too") {
    const std::uint64_t seed = vmbuddies::test::seed();
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    Links links;
    std::vector<std::byte> sent = random_bytes(random, 24 << 20);
    std::vector<std::byte> received(sent.size());
    std::jthread writer([&, random]() mutable {
        links.sender.send(FrameType::kHello, {}, {});
        for (std::span<std::byte> left = sent; !left.empty();) {
            // Some parts are neighbours, some are empty, and there are more than one call to the system takes.
            std::vector<iovec> parts;
            const std::size_t count = 1 + below(random, 2 * IOV_MAX);
            while (parts.size() < count && !left.empty()) {
                const auto part = left.first(std::min<std::size_t>(left.size(), below(random, 5000)));
                parts.push_back(part_of(part));
                left = left.subspan(part.size());
            }
            links.sender.write(parts, {});
        }
        links.sender.send(FrameType::kCommit, {}, {});
    });
    CHECK(links.receiver.next(5s, {})->type == FrameType::kHello);
    for (std::span<std::byte> left = received; !left.empty();) {
        std::vector<iovec> parts;
        const std::size_t count = 1 + below(random, 2 * IOV_MAX);
        while (parts.size() < count && !left.empty()) {
            const auto part = left.first(std::min<std::size_t>(left.size(), below(random, 9000)));
            parts.push_back(part_of(part));
            left = left.subspan(part.size());
        }
        links.receiver.read(parts, {});
    }
    CHECK(links.receiver.next(5s, {})->type == FrameType::kCommit);
    CHECK(received == sent);
}

TEST_CASE("a stop ends every wait at once") {
    std::vector<std::byte> much(64 << 20);
    HalfLink half;
    const iovec part = part_of(much);
    expect_abort([&](const std::stop_token& stop) { half.link.next(1h, stop); });
    expect_abort([&](const std::stop_token& stop) {
        iovec into = part;
        half.link.read({&into, 1}, stop);
    });
    expect_abort([&](const std::stop_token& stop) { half.link.write({&part, 1}, stop); });

    std::stop_source stopped;
    stopped.request_stop();
    CHECK_THROWS_AS(half.link.write({&part, 1}, stopped.get_token()), Aborted);
    // The same thread can wait again: an earlier stop leaves nothing behind.
    CHECK_FALSE(half.link.next(10ms, {}).has_value());
}

TEST_CASE("a write to a peer that takes nothing stalls") {
    HalfLink half(Side::kSender, 100ms);
    std::vector<std::byte> much(64 << 20);
    const iovec part = part_of(much);
    CHECK(caught([&] { half.link.write({&part, 1}, {}); }).code() == ErrorCode::kDeadline);
}

TEST_CASE("a peer that is only slow does not stall") {
    Links links(Loopback::connect(), 300ms);
    std::vector<std::byte> much(16 << 20);
    std::vector<std::byte> received(much.size());
    std::jthread reader([&] {
        for (std::span<std::byte> left = received; !left.empty(); left = left.subspan(1 << 20)) {
            std::this_thread::sleep_for(50ms);
            iovec part = part_of(left.first(1 << 20));
            links.receiver.read({&part, 1}, {});
        }
        links.receiver.send(FrameType::kPrepared, {}, {});
    });
    const iovec part = part_of(much);
    links.sender.write({&part, 1}, {});
    // Up to 4 MiB are still on their way: no answer can come before they have arrived.
    CHECK_NOTHROW(links.sender.expect(FrameType::kPrepared, 300ms, {}));
}

TEST_CASE("an answer that does not come is a deadline") {
    HalfLink half;
    const Error error = caught([&] { half.link.expect(FrameType::kAccepted, 50ms, {}); });
    CHECK(error.code() == ErrorCode::kDeadline);
    CHECK(says(error, "has not said Accepted within 50 ms"));
}

TEST_CASE("a failure over there ends a write, with its reason") {
    for (const bool closes : {false, true}) {
        CAPTURE(closes);
        Links links;
        std::jthread failing([&] {
            std::this_thread::sleep_for(50ms);
            links.receiver.send_reason(FrameType::kFailed, "no memory", {});
            // Unread bytes make this a reset.
            if (closes) links.receiver.await_end(0ms);
        });
        std::vector<std::byte> much(64 << 20);
        const iovec part = part_of(much);
        const Error error = caught([&] { links.sender.write({&part, 1}, {}); });
        // The reset may overtake the reason; nothing else may take its place.
        if (closes && error.code() == ErrorCode::kPeer) {
            CHECK_FALSE(says(error, "no memory"));
        } else {
            CHECK(error.code() == ErrorCode::kPeerRefused);
            CHECK(says(error, "no memory"));
        }
    }
}

TEST_CASE("a peer that goes away ends a write") {
    auto half = std::make_unique<HalfLink>();
    std::jthread leaving([&] {
        std::this_thread::sleep_for(50ms);
        half->far.reset();
    });
    std::vector<std::byte> much(64 << 20);
    const iovec part = part_of(much);
    CHECK(caught([&] { half->link.write({&part, 1}, {}); }).code() == ErrorCode::kPeer);
}

TEST_CASE("what is said before the stream has ended is out of place") {
    Links links;
    links.receiver.send(FrameType::kPrepared, {}, {});
    std::vector<std::byte> much(64 << 20);
    const iovec part = part_of(much);
    const Error error = caught([&] { links.sender.write({&part, 1}, {}); });
    CHECK(error.code() == ErrorCode::kStream);
    CHECK(says(error, "said Prepared in the middle of the stream"));
}

TEST_CASE("a look at the peer takes nothing away, and sees its failure and its end") {
    Links links;
    CHECK_NOTHROW(links.sender.check());
    links.receiver.send(FrameType::kPrepared, {}, {});
    std::this_thread::sleep_for(20ms);
    CHECK_NOTHROW(links.sender.check());
    links.receiver.send_reason(FrameType::kFailed, "the guest died\x1b[2J\n", {});
    links.receiver.finish();
    std::this_thread::sleep_for(20ms);
    const Error error = caught([&] { links.sender.check(); });
    CHECK(error.code() == ErrorCode::kPeerRefused);
    CHECK(says(error, "the guest died?[2J?"));
    CHECK(links.sender.next(5s, {})->type == FrameType::kPrepared);
    CHECK(caught([&] { links.sender.next(5s, {}); }).code() == ErrorCode::kPeerRefused);

    HalfLink half;
    half.far.finish();
    std::this_thread::sleep_for(20ms);
    CHECK(caught([&] { half.link.check(); }).code() == ErrorCode::kPeer);
}

TEST_CASE("the last word arrives though its hearer never stopped talking") {
    Links links;
    std::jthread talking([sender = std::move(links.sender)]() mutable {
        std::vector<std::byte> much(64 << 20);
        const iovec part = part_of(much);
        const Error error = caught([&] { sender.write({&part, 1}, {}); });
        CHECK(error.code() == ErrorCode::kPeerRefused);
        CHECK(says(error, "the name is taken"));
        const Link hung_up = std::move(sender);
    });
    std::this_thread::sleep_for(50ms);
    links.receiver.send_reason(FrameType::kRefused, "the name is taken", {});
    links.receiver.finish();
    links.receiver.await_end(5s);
}

TEST_CASE("a name that nobody has is no peer, and a port that nobody listens on neither") {
    CHECK(caught([] { Socket::connect("no-such-host.invalid", 1, 20s, {}); }).code() == ErrorCode::kPeer);
    std::uint16_t port = Listener("127.0.0.1", 0).port();
    const Error error = caught([&] { Socket::connect("127.0.0.1", port, 5s, {}); });
    CHECK(error.code() == ErrorCode::kPeer);
    CHECK(says(error, "127.0.0.1:" + std::to_string(port)));
}

TEST_CASE("localhost and IPv6 are reached too") {
    Listener listener("localhost", 0);
    CHECK_NOTHROW(Socket::connect("localhost", listener.port(), 5s, {}));
    try {
        Listener six("::1", 0);
        CHECK(Socket::connect("::1", six.port(), 5s, {}).peer() == "[::1]:" + std::to_string(six.port()));
    } catch (const Error& error) {
        MESSAGE("no IPv6 here: " << error.what());
    }
}

}  // namespace
}  // namespace vmbuddies::process
