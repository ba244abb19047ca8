// SPDX-License-Identifier: MIT
#pragma once
#include <sys/uio.h>

#include <chrono>
#include <optional>
#include <span>
#include <stop_token>

namespace vmbuddies {

/// Where the stream goes, and what comes back. Every call ends early with `Aborted` when the token is stopped,
/// and with Error (kPeer, kPeerRefused, kDeadline) when the other side is lost, says no or stalls.
class Destination {
   public:
    virtual ~Destination() = default;

    /// Writes all of it. The spans' memory must stay readable, but may change, until this returns.
    virtual void write(std::span<const iovec> parts, std::stop_token stop) = 0;
    /// Throws if the other side is gone or has reported a failure; called in every wait.
    virtual void check_alive() = 0;
    /// Blocks until the other side has restored everything and holds the guest paused.
    virtual void await_prepared(std::stop_token stop) = 0;
    /// Tells the other side to start the guest and blocks until it confirms. Not interruptible: from the first
    /// byte of this call on, the guest may be running there. Error kPeerRefused: it certainly does not and will not;
    /// any other error: unknown. Returns how long the guest stood still by its own account, in seconds, if it has one.
    virtual std::optional<double> commit() = 0;
    /// Tells the other side to drop what it has. Never throws; a broken link means the same to the receiver.
    virtual void abort() noexcept = 0;
};

}  // namespace vmbuddies
