// SPDX-License-Identifier: MIT
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "core/error.h"

namespace vmbuddies::process {

/// What became of one incoming domain, in the order it can happen. Of refusals, and of domains accepted and dropped, so
/// many are reported in ten seconds; the rest are counted in one event of their own.
struct ReceiverEvent {
    enum class Kind { kAccepted, kPrepared, kStarted, kDropped, kRefused } kind;
    std::string domain;   ///< its name, or "" when the peer never said
    std::string peer;     ///< ADDRESS:PORT
    std::string message;  ///< kDropped, kRefused: why, in one sentence
    std::uint64_t bytes = 0;
    std::uint64_t times = 1;  ///< more: nothing but `kind` and `message` says anything
};

/// Listens for process domains. Each connection has its own thread; memory is rebuilt in place, the guest starts on
/// commit only, and everything is dropped on abort, a broken stream, silence or close(). Connections that want nothing
/// yet are cheap, and the oldest of them make way for new ones: they cannot keep others out.
class Receiver {
   public:
    struct Options {
        std::string registry;
        std::string host = "127.0.0.1";
        std::uint16_t port = 0;    ///< 0: any free one
        bool independent = false;  ///< started domains outlive this process
        std::string guest_program;
        /// All domains received here may have this much memory together, as long as they run; MemoryBudget::kNoLimit.
        /// What the host and this process's cgroups have left is a limit of its own, looked at for each domain.
        std::uint64_t max_memory_bytes;
        /// Both sides must have it; empty: none (handshake.h).
        std::string secret;
        /// A peer that has not said what it wants is closed after this long, and again after this long if it does not
        /// prove the secret and ask for something.
        std::chrono::milliseconds hello_timeout{10'000};
        /// The stream must bring `min_stream_bytes` in each such time. A sender that waits at a barrier sends a
        /// heartbeat of eight bytes every five seconds, the slowest that the pacer knows some pages.
        std::chrono::milliseconds stream_timeout{120'000};
        std::uint64_t min_stream_bytes = 64;
        /// A prepared domain is dropped when its sender has said nothing for so long; a living one says Alive every
        /// five seconds.
        std::chrono::milliseconds decision_timeout{60'000};
        std::string system_root;  ///< in front of /proc and /sys, for tests
    };
    /// Registers the domains in `registry` and listens. kSystem or kPeer if that address cannot be listened on,
    /// kArgument for a secret that is none. `events` is called from the connections' threads, several at a time; it
    /// must neither throw nor close().
    Receiver(Options options, std::function<void(const ReceiverEvent&)> events);
    ~Receiver();  ///< close()

    std::uint16_t port() const noexcept;
    /// Stops listening and drops every domain that is not started yet and waits until that is done. Idempotent,
    /// from any thread. Started domains run on.
    void close() noexcept;

    Receiver(const Receiver&) = delete;
    Receiver& operator=(const Receiver&) = delete;

   private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace vmbuddies::process
