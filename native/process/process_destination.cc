// SPDX-License-Identifier: MIT
#include "process/process_destination.h"

#include <cmath>

#include "core/error.h"
#include "process/handshake.h"
#include "process/link.h"
#include "process/offer.h"
#include "process/wire.h"

namespace vmbuddies::process {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kGoodbyeTimeout(1000);
/// Well within any receiver's patience with a sender that is silent after Prepared.
constexpr milliseconds kAliveInterval(5000);
constexpr std::size_t kMaxTokenBytes = 64;
constexpr milliseconds kMaxTimeout = std::chrono::hours(24);

void check_timeout(milliseconds timeout, const char* name) {
    if (timeout >= milliseconds(1) && timeout <= kMaxTimeout) return;
    throw Error(ErrorCode::kArgument, "connect", std::string(name) + " must be from 1 ms to 24 hours.");
}

/// The guest runs, whatever else Started says: what cannot be read is no account.
std::optional<double> account_of(std::span<const std::byte> started) {
    if (started.size() != sizeof(double)) return {};
    const double seconds = WireReader(started).f64();
    if (!(seconds > 0) || !std::isfinite(seconds)) return {};
    return seconds;
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
    std::string token;  ///< of Prepared
    TimePoint spoke_at;
};

std::unique_ptr<ProcessDestination> ProcessDestination::connect(
    const Options& options, const DomainInfo& domain,
    std::stop_token stop) {  // NOLINT(performance-unnecessary-value-param): one at a time
    check_timeout(options.connect_timeout, "connectTimeoutMs");
    check_timeout(options.stall_timeout, "stallTimeoutMs");
    check_secret(options.secret);
    Link link(Socket::connect(options.host, options.port, options.connect_timeout, stop), Side::kSender,
              options.stall_timeout);
    introduce(link, options.secret, options.stall_timeout, stop);
    link.send(FrameType::kOffer, Offer::of(domain).encode().bytes(), stop);
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
    if (impl_->phase == Impl::Phase::kEnded) return;
    impl_->link.check();
    if (impl_->phase != Impl::Phase::kPrepared) return;
    const TimePoint now = std::chrono::steady_clock::now();
    if (now - impl_->spoke_at < kAliveInterval) return;
    impl_->link.send(FrameType::kAlive, {}, {});
    impl_->spoke_at = now;
}

void ProcessDestination::await_prepared(std::stop_token stop) {
    impl_->require(Impl::Phase::kStreaming, "await prepared");
    const auto payload = impl_->link.expect(FrameType::kPrepared, impl_->stall_timeout, stop);
    WireReader prepared(payload);
    impl_->token = prepared.text(kMaxTokenBytes);
    prepared.end();
    impl_->spoke_at = std::chrono::steady_clock::now();
    impl_->phase = Impl::Phase::kPrepared;
}

std::optional<double> ProcessDestination::commit() {
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
        WireWriter go;
        go.text(impl_->token);
        impl_->link.send(FrameType::kCommit, go.bytes(), {});
        return account_of(impl_->link.expect(FrameType::kStarted, impl_->stall_timeout, {}));
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
