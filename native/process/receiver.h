// SPDX-License-Identifier: MIT
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "core/error.h"

namespace vmbuddies::process {

/// What became of one incoming domain, in the order it can happen.
struct ReceiverEvent {
    enum class Kind { kAccepted, kPrepared, kStarted, kDropped, kRefused } kind;
    std::string domain;   ///< its name, or "" when the peer never said
    std::string peer;     ///< ADDRESS:PORT
    std::string message;  ///< kDropped, kRefused: why, in one sentence
    std::uint64_t bytes = 0;
};

/// Listens for process domains. Each connection has its own thread; memory is rebuilt in place, the guest starts on
/// commit only, and everything is dropped on abort, a broken stream or close().
class Receiver {
   public:
    struct Options {
        std::string registry;
        std::string host = "127.0.0.1";
        std::uint16_t port = 0;    ///< 0: any free one
        bool independent = false;  ///< started domains outlive this process
        std::string guest_program;
        /// All domains being received at one time may have this much memory together; a further one is refused.
        std::uint64_t max_memory_bytes;
        /// A connection that has not said which domain it brings by then is closed.
        std::chrono::milliseconds hello_timeout{10'000};
    };
    /// Registers the domains in `registry` and listens. kSystem or kPeer if that address cannot be listened on.
    /// `events` is called from the connections' threads, several at a time; it must neither throw nor close().
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
