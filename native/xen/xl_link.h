// SPDX-License-Identifier: MIT
#pragma once
#include <sys/uio.h>

#include <chrono>
#include <cstdint>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "xen/transport_process.h"

namespace vmbuddies::xen {

/// The sender's end of the conversation in xl_framing.h. It listens while it writes: a receiver that speaks or ends
/// when nothing is due from it has failed, and that ends every call with kPeer at once. The message names the command,
/// tells how it ended and quotes what it said last on standard error: the errors among it, if any. Every wait ends with
/// Aborted on `stop`. One thread at a time.
class XlLink {
   public:
    /// Starts the command; see TransportProcess. `stall_timeout`: see write().
    XlLink(const std::vector<std::string>& command, std::chrono::milliseconds stall_timeout);

    /// Writes all parts. It throws only when the command has not taken all of them; kDeadline when it has taken nothing
    /// for the stall timeout.
    void write(std::span<const iovec> parts, const std::stop_token& stop);
    void write(std::span<const std::byte> bytes, const std::stop_token& stop);

    /// Reads `message`, which is called `name` in what is thrown otherwise: kPeer for any other bytes, as soon as the
    /// first of them is there, and kDeadline if it has not come whole within `timeout`.
    void expect(std::string_view message, const std::string& name, std::chrono::milliseconds timeout,
                const std::stop_token& stop);
    /// Reads one byte, under the same terms.
    std::uint8_t expect_byte(const std::string& name, std::chrono::milliseconds timeout, const std::stop_token& stop);

    /// Throws if the receiver has ended, or has said anything. Never waits.
    void check();
    /// Says that nothing more will be said. What was sent still arrives.
    void finish() noexcept { transport_.close_input(); }
    /// Listens to nothing more and waits for the command to end, `timeout` at the most.
    void await_end(std::chrono::milliseconds timeout) noexcept;
    /// ` It said last: "…".`, or "" if it has said nothing on standard error.
    std::string last_words();

   private:
    std::size_t receive(std::span<char> out, const std::string& due, std::chrono::steady_clock::time_point deadline,
                        const std::stop_token& stop);
    Error unexpected(std::string heard, const std::string& due);
    Error ended(const std::string& before);

    std::string command_;
    std::chrono::milliseconds stall_timeout_;
    TransportProcess transport_;
    std::vector<iovec> parts_;  ///< still to be written
};

}  // namespace vmbuddies::xen
