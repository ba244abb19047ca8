// SPDX-License-Identifier: MIT
#pragma once
#include <poll.h>

#include <chrono>
#include <cstddef>
#include <random>
#include <span>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "process/handshake.h"
#include "process/link.h"
#include "process/listener.h"
#include "process/wire.h"

namespace vmbuddies::process::test {

using namespace std::chrono_literals;

/// Both ends of one connection over the loopback interface.
struct Loopback {
    Socket near;
    Socket far;

    static Loopback connect() {
        Listener listener("127.0.0.1", 0);
        auto near = Socket::connect("127.0.0.1", listener.port(), 5s, {});
        auto far = listener.accept(std::chrono::steady_clock::now() + 5s, {});
        return {std::move(near), std::move(far.value())};
    }
};

/// Sends it all, however long that takes; throws Error once the other end is gone.
inline void send_all(Socket& socket, std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
        const iovec part{const_cast<std::byte*>(bytes.data()), bytes.size()};
        if (const auto sent = socket.send({&part, 1})) {
            bytes = bytes.subspan(*sent);
        } else {
            socket.wait(POLLOUT, TimePoint::max(), {});
        }
    }
}

/// Receives what comes until the other end closes or breaks the connection, or `patience` ends.
inline std::vector<std::byte> receive_all(Socket& socket, std::chrono::milliseconds patience = 5s) {
    std::vector<std::byte> all;
    std::vector<std::byte> some(65536);
    const auto deadline = std::chrono::steady_clock::now() + patience;
    try {
        for (;;) {
            const iovec part{some.data(), some.size()};
            const auto received = socket.receive({&part, 1});
            if (received == 0) return all;
            if (received) all.insert(all.end(), some.begin(), some.begin() + static_cast<std::ptrdiff_t>(*received));
            if (!received && socket.wait(POLLIN, deadline, {}) == 0) return all;
        }
    } catch (const Error&) {
        return all;
    }
}

/// A receiver's first steps, up to the sender's request, of which it gives the content.
inline std::vector<std::byte> hear_offer(Link& link, const std::string& secret = {}) {
    challenge(link, {FrameType::kHello, link.expect(FrameType::kHello, 5s, {})}, secret, {});
    return link.expect(FrameType::kOffer, 5s, {});
}

/// A frame as it lies on the wire; `length` as it claims to be.
inline std::vector<std::byte> raw_frame(std::uint32_t magic, std::uint32_t type, std::uint32_t length,
                                        std::span<const std::byte> payload = {}) {
    WireWriter wire;
    wire.u32(magic);
    wire.u32(type);
    wire.u32(length);
    std::vector<std::byte> bytes(wire.bytes().begin(), wire.bytes().end());
    bytes.insert(bytes.end(), payload.begin(), payload.end());
    return bytes;
}

inline std::vector<std::byte> random_bytes(std::mt19937_64& random, std::size_t count) {
    std::vector<std::byte> bytes(count);
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(random());
    return bytes;
}

}  // namespace vmbuddies::process::test
