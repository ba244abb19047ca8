// SPDX-License-Identifier: MIT
#pragma once
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "core/destination.h"

namespace vmbuddies::xen {

/// An unmodified `xl migrate-receive` at the other end of a command's standard input and output (as `xl migrate -s`).
/// Spoken here: the banner, xl's header, libxl's framing around the stream, ready, GO, report, permission
/// (tools/xl/xl_migrate.c, tools/libs/light/libxl_stream_write.c).
class XlDestination : public Destination {
   public:
    struct Options {
        /// Program and arguments, found by PATH; its stdin and stdout are the receiver's.
        std::vector<std::string> command;
        /// xl's header and the domain's configuration, sent right after the banner.
        std::vector<std::byte> header;
        std::chrono::milliseconds banner_timeout{30'000};
        /// No byte accepted, or no answer where one is due, for this long: kDeadline.
        std::chrono::milliseconds stall_timeout{120'000};
    };

    /// Starts the command, waits for the banner and sends the headers. kPeer with the command's last words (its stderr)
    /// if it ends; kDeadline; Aborted by `stop`.
    static std::unique_ptr<XlDestination> connect(const Options& options, std::stop_token stop);

    /// Aborts what is not committed, and waits a short time for the command to end before it is killed.
    ~XlDestination() override;
    void write(std::span<const iovec> parts, std::stop_token stop) override;
    void check_alive() override;
    /// Ends the libxl stream and waits for "ready".
    void await_prepared(std::stop_token stop) override;
    /// GO, then the report. kPeerRefused: the receiver reported a failure and gave its permission to resume, or nothing
    /// had been sent yet. kPeer: unknown.
    void commit() override;
    /// Before "ready": closes. After it: closes the receiver's stdin only and reads report and permission, so that the
    /// receiver destroys its copy (bounded by a few seconds).
    void abort() noexcept override;

   private:
    class Impl;
    explicit XlDestination(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace vmbuddies::xen
