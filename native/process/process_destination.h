// SPDX-License-Identifier: MIT
#pragma once
#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <stop_token>
#include <string>

#include "core/destination.h"
#include "process/process_domain.h"

namespace vmbuddies::process {

/// The other side of a process domain's migration: a receiver reached over TCP.
class ProcessDestination : public Destination {
   public:
    struct Options {
        std::string host;
        std::uint16_t port = 0;
        std::chrono::milliseconds connect_timeout{10'000};
        /// No byte accepted and no answer for this long: kDeadline. Allow some seconds at least: a receiver obtains
        /// most of the memory before it accepts.
        std::chrono::milliseconds stall_timeout{30'000};
        /// That both sides have; empty: none (handshake.h).
        std::string secret;
    };

    /// Connects, says hello for `domain` and waits for the receiver's yes. kPeer, kPeerRefused or kDeadline otherwise;
    /// kArgument for a time-out that is not from 1 ms to 24 hours, or a secret that is none.
    /// Interruptible by `stop` (Aborted).
    static std::unique_ptr<ProcessDestination> connect(const Options& options, const DomainInfo& domain,
                                                       std::stop_token stop);

    /// Aborts what is not committed, and waits until the receiver has let go of it, a second at the most.
    ~ProcessDestination() override;
    void write(std::span<const iovec> parts, std::stop_token stop) override;
    /// While prepared it also lets the receiver know, every few seconds, that this side lives and has not decided.
    void check_alive() override;
    void await_prepared(std::stop_token stop) override;
    /// kPeerRefused is a definite no: the guest does not and will not run there. kPeer leaves that unknown.
    std::optional<double> commit() override;
    void abort() noexcept override;

   private:
    class Impl;
    explicit ProcessDestination(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace vmbuddies::process
