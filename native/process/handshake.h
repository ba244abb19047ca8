// SPDX-License-Identifier: MIT
#pragma once
#include <chrono>
#include <cstddef>
#include <stop_token>
#include <string>

#include "process/link.h"

namespace vmbuddies::process {

/// How two ends of a Link come to trust what they hear. Each says a nonce, 32 random bytes; from both, and from the
/// secret that both may have, each derives the two keys that seal the frames of either direction:
///
///     session = HMAC(secret, "vmbuddies 2" ‖ sender's nonce ‖ receiver's nonce ‖ u32 (1: the secret is asked for))
///     key of a direction = HMAC(session, "sender" or "receiver")
///     code of a frame = HMAC(key, u64 its number in its direction, from 0 ‖ header ‖ payload)
///
/// (HMAC-SHA-256.) So what was recorded from one connection means nothing in another, with and without a secret. With
/// one, the sender proves it by its first sealed frame and the receiver by its answer, before any memory has left; and
/// nobody in between can change, drop, repeat or add a frame, Commit above all. Not protected: the raw stream between
/// Accepted and Prepared, which can be read and changed on its way, and that the two speak at all. Without a secret
/// anybody who can connect, or stands in between, can be either end.
inline constexpr std::uint32_t kProtocolVersion = 2;

/// At least this much is a secret: shorter ones could be guessed from one recorded handshake.
inline constexpr std::size_t kMinSecretBytes = 16;
inline constexpr std::size_t kMaxSecretBytes = 4096;
/// kArgument for a secret that is neither empty nor of such a length.
void check_secret(const std::string& secret);

/// 32 random bytes.
std::string random_nonce();

/// The sender's part: says Hello, hears Challenge. `secret` may be empty: none. kPeerRefused if only one side has one.
void introduce(Link& link, const std::string& secret, std::chrono::milliseconds timeout, const std::stop_token& stop);

/// The receiver's part, the Hello having come. kStream for anything else and for another version.
void challenge(Link& link, const Frame& hello, const std::string& secret, const std::stop_token& stop);

}  // namespace vmbuddies::process
