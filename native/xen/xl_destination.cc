// SPDX-License-Identifier: MIT
#include "xen/xl_destination.h"

#include "core/error.h"
#include "xen/xl_framing.h"
#include "xen/xl_link.h"

namespace vmbuddies::xen {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kMaxTimeout = std::chrono::hours(24);
/// A receiver may still be building the domain when it is told to drop it. Killed before it is done, it would leave a
/// paused copy behind; and nobody's guest waits for this.
constexpr milliseconds kFarewellTimeout(30'000);

void check_timeout(milliseconds timeout, const char* name) {
    if (timeout >= milliseconds(1) && timeout <= kMaxTimeout) return;
    throw Error(ErrorCode::kArgument, "connect", std::string(name) + " must be from 1 ms to 24 hours.");
}

}  // namespace

class XlDestination::Impl {
   public:
    enum class Phase { kConnecting, kStreaming, kPrepared, kEnded };

    explicit Impl(const Options& options)
        : link(options.command, options.stall_timeout), stall_timeout(options.stall_timeout) {}

    void require(Phase wanted, const char* operation) const {
        if (phase == wanted) return;
        throw Error(ErrorCode::kState, operation, "This is not the time to " + std::string(operation) + '.');
    }

    XlLink link;
    milliseconds stall_timeout;
    Phase phase = Phase::kConnecting;
};

std::unique_ptr<XlDestination> XlDestination::connect(const Options& options, const std::stop_token& stop) {
    check_timeout(options.banner_timeout, "bannerTimeoutMs");
    check_timeout(options.stall_timeout, "stallTimeoutMs");
    std::unique_ptr<XlDestination> destination(new XlDestination(std::make_unique<Impl>(options)));
    Impl& impl = *destination->impl_;
    impl.link.expect(xl::kBanner, "the banner of xl migrate-receive", options.banner_timeout, stop);
    // From here on there is somebody who may have a domain to destroy: see the destructor.
    impl.phase = Impl::Phase::kStreaming;
    impl.link.write(options.header, stop);
    impl.link.write(std::as_bytes(std::span(libxl::kHead)), stop);
    return destination;
}

XlDestination::XlDestination(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

XlDestination::~XlDestination() {
    if (impl_->phase == Impl::Phase::kConnecting) return;
    abort();
    impl_->link.await_end(kFarewellTimeout);
}

void XlDestination::write(std::span<const iovec> parts, std::stop_token stop) {
    impl_->require(Impl::Phase::kStreaming, "write");
    impl_->link.write(parts, stop);
}

void XlDestination::check_alive() {
    if (impl_->phase != Impl::Phase::kEnded) impl_->link.check();
}

void XlDestination::await_prepared(std::stop_token stop) {
    impl_->require(Impl::Phase::kStreaming, "await prepared");
    impl_->link.write(std::as_bytes(std::span(libxl::kEnd)), stop);
    impl_->link.expect(xl::kReady, "the message \"ready\"", impl_->stall_timeout, stop);
    impl_->phase = Impl::Phase::kPrepared;
}

std::optional<double> XlDestination::commit() {
    impl_->require(Impl::Phase::kPrepared, "commit");
    XlLink& link = impl_->link;
    try {
        link.write(std::as_bytes(std::span(xl::kGo)), {});
    } catch (const Error& error) {
        // Some of it was not taken, and never will be. The receiver needs all of it.
        throw Error(ErrorCode::kPeerRefused, "commit",
                    std::string(error.what()) +
                        " The receiver was not told to start the domain; if it is lost, destroy the paused"
                        " NAME--incoming there.",
                    error.errno_value());
    }
    impl_->phase = Impl::Phase::kEnded;
    // Its input stays open for now: there are relays (socat) that drop both directions soon after one has ended.
    std::uint8_t status = 0;
    try {
        link.expect(xl::kReport, "the report on the start", impl_->stall_timeout, {});
        status = link.expect_byte("the status of the start", impl_->stall_timeout, {});
        if (status != 0) link.expect(xl::kPermission, "the permission to resume", impl_->stall_timeout, {});
        link.finish();
    } catch (const Error& error) {
        link.finish();
        throw Error(ErrorCode::kPeer, "commit",
                    std::string("Whether the domain runs at the destination is unknown: ") + error.what(),
                    error.errno_value());
    }
    if (status == 0) return {};
    throw Error(ErrorCode::kPeerRefused, "commit",
                "The receiver could not start the domain (status " + std::to_string(status) +
                    ") and has destroyed its copy." + link.last_words());
}

void XlDestination::abort() noexcept {
    if (impl_->phase == Impl::Phase::kEnded) return;
    impl_->phase = Impl::Phase::kEnded;
    impl_->link.finish();
}

}  // namespace vmbuddies::xen
