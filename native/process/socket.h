// SPDX-License-Identifier: MIT
#pragma once
#include <sys/uio.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <utility>

#include "core/unique_fd.h"
#include "process/address.h"

namespace vmbuddies::process {

/// Waits until `fd` is ready for `events` (poll's), and gives what it is ready for; 0 when `deadline` has passed.
/// Aborted as soon as `stop` is stopped, from whatever thread.
short wait_ready(int fd, short events, TimePoint deadline, const std::stop_token& stop);

/// A connected TCP socket that never blocks, never raises SIGPIPE and is not inherited by guests.
class Socket {
   public:
    /// Tries each address of `host`. kPeer when none answers, kDeadline past `timeout`, Aborted on `stop`.
    static Socket connect(const std::string& host, std::uint16_t port, std::chrono::milliseconds timeout,
                          const std::stop_token& stop);
    /// Takes over a connected, non-blocking socket.
    Socket(UniqueFd fd, std::string peer) : fd_(std::move(fd)), peer_(std::move(peer)) {}

    /// The other end as ADDRESS:PORT.
    const std::string& peer() const noexcept { return peer_; }

    /// Moves as many bytes as can be moved at once; no value when that is none. At most IOV_MAX parts count.
    /// kPeer on a broken connection, kDeadline when the system gave up on it, kMemory if a part cannot be touched.
    std::optional<std::size_t> send(std::span<const iovec> parts);
    /// The same; 0 is the end of the stream.
    std::optional<std::size_t> receive(std::span<const iovec> parts);

    short wait(short events, TimePoint deadline, const std::stop_token& stop) const {
        return wait_ready(fd_.get(), events, deadline, stop);
    }
    /// Bytes sent that the other side's system has not confirmed.
    std::size_t unconfirmed() const noexcept;

    /// The system ends the connection when sent bytes stay unconfirmed for this long (TCP_USER_TIMEOUT).
    void set_patience(std::chrono::milliseconds patience) noexcept;
    /// Says that no more will be sent; what was sent still arrives.
    void finish() noexcept;
    /// Ends the connection at once: what was sent and not received is lost, and the other side sees a reset.
    void reset() noexcept;

   private:
    UniqueFd fd_;
    std::string peer_;
};

/// What every connection here wants; before connect() or listen(), since the congestion control is chosen then.
void tune(int fd) noexcept;

}  // namespace vmbuddies::process
