// SPDX-License-Identifier: MIT
#pragma once
#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "core/destination.h"

namespace vmbuddies::xen {

/// An unmodified `xl migrate-receive` at the other end of a command's standard input and output (as `xl migrate -s`).
/// Takes the libxc stream and speaks all that is around it; see xl_framing.h.
/// Messages name the command, how it ended and what it said last on standard error.
class XlDestination : public Destination {
   public:
    struct Options {
        /// Program and arguments, found by PATH; its stdin and stdout are the receiver's. It has no terminal: ssh, for
        /// one, cannot ask for a password.
        std::vector<std::string> command;
        /// xl's header and the domain's configuration, sent right after the banner (tools/xl/xl.h, save_file_header).
        std::vector<std::byte> header;
        /// From the start of the command to the whole banner; kDeadline past it. From 1 ms to 24 hours, as the next.
        std::chrono::milliseconds banner_timeout{30'000};
        /// No byte accepted, or no answer where one is due, for this long: kDeadline. Allow for the time in which the
        /// receiver builds the domain between the end of the stream and "ready": some seconds.
        std::chrono::milliseconds stall_timeout{120'000};
    };

    /// Starts the command, waits for the banner and sends the headers. kPeer if anything else comes, or the command
    /// ends; kDeadline; kUnavailable if the command cannot be run; kArgument for options out of range; Aborted by
    /// `stop`.
    static std::unique_ptr<XlDestination> connect(const Options& options, const std::stop_token& stop);

    /// Aborts what is not committed. Then it waits until the receiver has settled everything there and the command has
    /// ended, half a minute at the most; a command that stays is killed. The copy is thus gone by then, wherever the
    /// receiver could be reached, and the same domain may be sent again.
    ~XlDestination() override;

    void write(std::span<const iovec> parts, std::stop_token stop) override;
    void check_alive() override;
    /// Ends the libxl stream and waits for "ready".
    void await_prepared(std::stop_token stop) override;
    /// GO, then the report. kPeerRefused: GO has not left as a whole, which to the receiver is no GO, or the receiver
    /// has reported a failure, destroyed its copy and given permission to resume. kPeer: unknown.
    std::optional<double> commit() override;
    /// Closes the receiver's input, and that alone: in the midst of the stream its restore fails; after that it finds
    /// end of file in place of GO. Either way it destroys its copy, which can never start, so there is no need to wait
    /// for that before the guest runs on at its source. With its output closed too, a receiver that has said "ready"
    /// would leave a paused NAME--incoming behind.
    void abort() noexcept override;

   private:
    class Impl;
    explicit XlDestination(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace vmbuddies::xen
