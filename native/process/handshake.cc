// SPDX-License-Identifier: MIT
#include "process/handshake.h"

#include <sys/random.h>

#include <cerrno>

#include "core/error.h"
#include "process/wire.h"

namespace vmbuddies::process {
namespace {

constexpr std::size_t kNonceBytes = 32;

void seal(Link& link, const std::string& secret, const std::string& senders, const std::string& receivers, bool sends) {
    WireWriter asked;
    asked.u32(secret.empty() ? 0 : 1);
    const Digest session =
        hmac(bytes_of(secret), {bytes_of("vmbuddies 2"), bytes_of(senders), bytes_of(receivers), asked.bytes()});
    const Digest sender = hmac(session, {bytes_of("sender")});
    const Digest receiver = hmac(session, {bytes_of("receiver")});
    link.seal(sends ? sender : receiver, sends ? receiver : sender);
}

std::string read_nonce(WireReader& wire) {
    std::string nonce = wire.text(kNonceBytes);
    if (nonce.size() != kNonceBytes) throw Error(ErrorCode::kStream, "hello", "A nonce has 32 bytes.");
    return nonce;
}

}  // namespace

void check_secret(const std::string& secret) {
    if (secret.empty() || (secret.size() >= kMinSecretBytes && secret.size() <= kMaxSecretBytes)) return;
    throw Error(ErrorCode::kArgument, "secret",
                "A secret has from " + std::to_string(kMinSecretBytes) + " to " + std::to_string(kMaxSecretBytes) +
                    " bytes, not " + std::to_string(secret.size()) + '.');
}

std::string random_nonce() {
    std::string nonce(kNonceBytes, '\0');
    if (::getrandom(nonce.data(), nonce.size(), 0) != static_cast<ssize_t>(nonce.size())) {
        throw Error::system("hello", "There are no random numbers", errno);
    }
    return nonce;
}

void introduce(Link& link, const std::string& secret, std::chrono::milliseconds timeout, const std::stop_token& stop) {
    const std::string nonce = random_nonce();
    WireWriter hello;
    hello.u32(kProtocolVersion);
    hello.text(nonce);
    link.send(FrameType::kHello, hello.bytes(), stop);
    const auto payload = link.expect(FrameType::kChallenge, timeout, stop);
    WireReader challenge(payload);
    const std::string theirs = read_nonce(challenge);
    const bool asked = challenge.u32() != 0;
    challenge.end();
    if (asked && secret.empty()) {
        throw Error(ErrorCode::kPeerRefused, "hello", link.peer() + " asks for its secret, and none was given.");
    }
    if (!asked && !secret.empty()) {
        throw Error(ErrorCode::kPeerRefused, "hello",
                    link.peer() + " has no secret, so it cannot prove that it is the receiver that is meant.");
    }
    seal(link, secret, nonce, theirs, true);
}

void challenge(Link& link, const Frame& hello, const std::string& secret, const std::stop_token& stop) {
    if (hello.type != FrameType::kHello) {
        throw Error(ErrorCode::kStream, "hello",
                    link.peer() + " said " + frame_name(hello.type) + " where Hello was due.");
    }
    WireReader wire(hello.payload);
    if (const std::uint32_t version = wire.u32(); version != kProtocolVersion) {
        throw Error(ErrorCode::kStream, "hello",
                    "It speaks version " + std::to_string(version) + " of the migration protocol, and this side " +
                        std::to_string(kProtocolVersion) + ": both need the same release of vmbuddies.");
    }
    const std::string theirs = read_nonce(wire);
    wire.end();
    const std::string nonce = random_nonce();
    WireWriter answer;
    answer.text(nonce);
    answer.u32(secret.empty() ? 0 : 1);
    link.send(FrameType::kChallenge, answer.bytes(), stop);
    seal(link, secret, theirs, nonce, false);
}

}  // namespace vmbuddies::process
