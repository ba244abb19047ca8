// SPDX-License-Identifier: MIT
#pragma once
#include <chrono>
#include <cstdint>
#include <stop_token>
#include <string>

#include "process/sessions.h"

namespace vmbuddies::process {

/// A question to a receiver: what became of this domain?
struct ReceiverQuery {
    std::string host;
    std::uint16_t port = 0;
    std::string secret;  ///< empty: none
    std::string uuid;
    /// Its move began so long ago, so that kAbsent means: it has not started since. 0: as far as they remember there.
    std::chrono::milliseconds ago{0};
    std::chrono::milliseconds timeout{10'000};  ///< to connect, and again to be answered
};

/// kArgument for a uuid that is none; kPeer, kPeerRefused, kStream or kDeadline if there is no answer.
Place ask_receiver(const ReceiverQuery& query, const std::stop_token& stop);

/// Lets a domain that this receiver has started have so many bytes present again that were taken from it for its move;
/// waits for it. kPeerRefused if it is none of those, or cannot. Otherwise as ask_receiver().
Place restore_memory(const ReceiverQuery& query, std::uint64_t bytes, const std::stop_token& stop);

}  // namespace vmbuddies::process
