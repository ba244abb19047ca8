// SPDX-License-Identifier: MIT
#include "process/process_destination.h"

#include "core/error.h"
#include "process/hello.h"
#include "process/link.h"

namespace vmbuddies::process {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kGoodbyeTimeout(1000);
constexpr milliseconds kMaxTimeout = std::chrono::hours(24);

void check_timeout(milliseconds timeout, const char* name) {
    if (timeout >= milliseconds(1) && timeout <= kMaxTimeout) return;
    throw Error(ErrorCode::kArgument, "connect", std::string(name) + " must be from 1 ms to 24 hours.");
}

}  // namespace

class ProcessDestination::Impl {
   public:
    enum class Phase { kStreaming, kPrepared, kEnded };

    Impl(Link link, std::string name, milliseconds stall_timeout)
        : link(std::move(link)), name(std::move(name)), stall_timeout(stall_timeout) {}

    void require(Phase wanted, const char* operation) const {
        if (phase != wanted)
            throw Error(ErrorCode::kState, operation, "This is not the time to " + std::string(operation) + '.');
    }

    Link link;
    std::string name;
    milliseconds stall_timeout;
    Phase phase = Phase::kStreaming;
};

std::unique_ptr<ProcessDestination> ProcessDestination::connect(
    const Options& options, const DomainInfo& domain,
    std::stop_token stop) {  // NOLINT(performance-unnecessary-value-param): one at a time
    check_timeout(options.connect_timeout, "connectTimeoutMs");
    check_timeout(options.stall_timeout, "stallTimeoutMs");
    Link link(Socket::connect(options.host, options.port, options.connect_timeout, stop), Side::kSender,
              options.stall_timeout);
    link.send(FrameType::kHello, Hello::of(domain).encode().bytes(), stop);
    link.expect(FrameType::kAccepted, options.stall_timeout, stop);
    return std::unique_ptr<ProcessDestination>(
        new ProcessDestination(std::make_unique<Impl>(std::move(link), domain.name, options.stall_timeout)));
}

ProcessDestination::ProcessDestination(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

ProcessDestination::~ProcessDestination() {
    abort();
    // The receiver hangs up once all is settled there. After an abort that is when the copy is gone, and the same
    // domain may be sent again.
    impl_->link.finish();
    impl_->link.await_end(kGoodbyeTimeout);
}

void ProcessDestination::write(std::span<const iovec> parts, std::stop_token stop) {
    impl_->require(Impl::Phase::kStreaming, "write");
    impl_->link.write(parts, stop);
}

void ProcessDestination::check_alive() {
    if (impl_->phase != Impl::Phase::kEnded) impl_->link.check();
}

void ProcessDestination::await_prepared(std::stop_token stop) {
    impl_->require(Impl::Phase::kStreaming, "await prepared");
    impl_->link.expect(FrameType::kPrepared, impl_->stall_timeout, stop);
    impl_->phase = Impl::Phase::kPrepared;
}

void ProcessDestination::commit() {
    impl_->require(Impl::Phase::kPrepared, "commit");
    try {
        impl_->link.check();
    } catch (const Error& error) {
        // Nothing was said yet, so this is a no, not a doubt.
        impl_->phase = Impl::Phase::kEnded;
        throw Error(ErrorCode::kPeerRefused, "commit",
                    std::string(error.what()) + " It was not told to start " + impl_->name + '.', error.errno_value());
    }
    impl_->phase = Impl::Phase::kEnded;
    try {
        impl_->link.send(FrameType::kCommit, {}, {});
        impl_->link.expect(FrameType::kStarted, impl_->stall_timeout, {});
    } catch (const Error& error) {
        if (error.code() == ErrorCode::kPeerRefused) throw;  // its Failed is definite
        throw Error(ErrorCode::kPeer, "commit",
                    "Whether " + impl_->name + " runs at " + impl_->link.peer() + " is unknown: " + error.what(),
                    error.errno_value());
    }
}

void ProcessDestination::abort() noexcept {
    const Impl::Phase phase = std::exchange(impl_->phase, Impl::Phase::kEnded);
    if (phase == Impl::Phase::kEnded) return;
    Link& link = impl_->link;
    if (phase == Impl::Phase::kPrepared) {
        try {
            link.send(FrameType::kAbort, {}, {});
        } catch (const Error&) {
            // The end of the connection says the same.
        }
    }
    link.finish();
}

}  // namespace vmbuddies::process
