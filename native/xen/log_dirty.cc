// SPDX-License-Identifier: MIT
#include "xen/log_dirty.h"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <chrono>
#include <thread>

#include "xen/connections.h"
#include "xen/hypercall_buffer.h"
#include "xen/log_lock.h"

namespace vmbuddies::xen {
namespace {

constexpr const char* kOperation = "dirty log";

/// Calls again while another operation on the guest's paging is halfway through: those give way to interrupts, and
/// whoever comes then is sent off with EBUSY.
template <class Call>
auto retry_while_busy(Call call) {
    constexpr int kAttempts = 200;
    constexpr std::chrono::milliseconds kPause{5};
    for (int attempt = 1;; ++attempt) {
        const auto result = call();
        if (result >= 0 || errno != EBUSY || attempt == kAttempts) return result;
        std::this_thread::sleep_for(kPause);
    }
}

/// Those bits of the bitmap's word `index` that stand for pages in [first, last).
std::uint64_t bits_between(Pfn first, Pfn last, std::uint64_t index) noexcept {
    std::uint64_t bits = ~std::uint64_t{0};
    if (index == first / 64) bits &= ~std::uint64_t{0} << (first % 64);
    if (index == last / 64) bits &= ~(~std::uint64_t{0} << (last % 64));
    return bits;
}

/// The guest's log, on as long as it lives.
class LogSwitch {
   public:
    explicit LogSwitch(XenDomain::Connections& guest) : guest_(guest) {
        // EINVAL: a killed owner has left it on, for the lock says that it has none now; or passthrough devices.
        int result = turn(abi::kLogDirtyEnable);
        if (result < 0 && errno == EINVAL && turn(abi::kLogDirtyOff) == 0) result = turn(abi::kLogDirtyEnable);
        if (result < 0) refuse();
    }
    LogSwitch(const LogSwitch&) = delete;
    LogSwitch& operator=(const LogSwitch&) = delete;
    ~LogSwitch() { turn(abi::kLogDirtyOff); }

   private:
    int turn(unsigned operation) {
        return retry_while_busy([&] {
            return guest_.libraries().xc_shadow_control(guest_.control(), guest_.domid(), operation, nullptr, 0);
        });
    }

    [[noreturn]] void refuse() {
        std::string what = "The dirty log of " + guest_.name() + " cannot be switched on";
        ErrorCode code = ErrorCode::kDirtyLog;
        if (errno == EOPNOTSUPP) {
            code = ErrorCode::kUnavailable;
            what +=
                ", because this hypervisor is built without shadow paging, which PV guests need for it; make the "
                "guest PVH, or move it while it is stopped";
        } else if (errno == EINVAL) {
            what += "; has it passthrough devices?";
        }
        guest_.fail(code, kOperation, what);
    }

    XenDomain::Connections& guest_;
};

}  // namespace

class LogDirty::Impl {
   public:
    explicit Impl(XenDomain::Connections& guest)
        : guest_(guest),
          lock_(guest.domid(), guest.name()),
          end_pfn_(guest.end_pfn()),
          bitmap_(guest, end_pfn_),
          switch_(guest) {
        // The map is new, but the counters go on from where the log before has left them.
        read(abi::kLogDirtyClean, end_pfn_, 0);
    }

    Pfn end_pfn() const noexcept { return end_pfn_; }
    std::span<const std::uint64_t> words() const noexcept { return bitmap_.words(); }

    /// Without a bitmap: the counters alone, which is done in one go.
    std::uint64_t count() {
        abi::LogDirtyStats stats{};
        log(abi::kLogDirtyPeek, nullptr, 0, 0, stats);
        return stats.dirty_count;
    }

    /// Fills the bitmap with the log's first `pages` bits.
    void read(unsigned operation, std::uint64_t pages, unsigned mode) {
        abi::LogDirtyStats stats{};
        log(operation, bitmap_.get(), pages, mode, stats);
    }

   private:
    void log(unsigned operation, abi::HypercallBuffer* bitmap, std::uint64_t pages, unsigned mode,
             abi::LogDirtyStats& stats) {
        const long long covered = retry_while_busy([&] {
            return guest_.libraries().xc_logdirty_control(guest_.control(), guest_.domid(), operation, bitmap, pages,
                                                          mode, &stats);
        });
        const std::string what = "The dirty log of " + guest_.name();
        if (covered < 0 && errno == ENOMEM) {
            guest_.fail(ErrorCode::kDirtyLog, kOperation,
                        what + " is incomplete, because the guest's paging pool (shadow_memory) is used up");
        }
        if (covered < 0) guest_.fail(ErrorCode::kDirtyLog, kOperation, what + " failed");
        if (static_cast<std::uint64_t>(covered) != pages) {
            throw Error(ErrorCode::kDirtyLog, kOperation,
                        what + " told of " + std::to_string(covered) + " pages, not of " + std::to_string(pages) + ".");
        }
        guest_.require_alive(kOperation);
    }

    XenDomain::Connections& guest_;
    LogLock lock_;
    Pfn end_pfn_;
    HypercallBuffer bitmap_;
    LogSwitch switch_;  ///< last: it goes first
};

LogDirty::LogDirty(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

LogDirty::~LogDirty() = default;

std::unique_ptr<LogDirty> LogDirty::enable(XenDomain& domain) {
    return std::unique_ptr<LogDirty>(new LogDirty(std::make_unique<Impl>(domain.connections())));
}

Pfn LogDirty::end_pfn() const noexcept { return impl_->end_pfn(); }

std::uint64_t LogDirty::count() { return impl_->count(); }

void LogDirty::peek(Pfn first, Pfn last, Bitmap& out) {
    last = std::min({last, out.size(), end_pfn()});
    if (first >= last) return;
    impl_->read(abi::kLogDirtyPeek, last, 0);  // the hypervisor always begins with page 0
    for (std::uint64_t i = first / 64; i <= (last - 1) / 64; ++i) {
        const std::uint64_t mask = bits_between(first, last, i);
        out.words()[i] = (out.words()[i] & ~mask) | (impl_->words()[i] & mask);
    }
}

std::uint64_t LogDirty::clean(Bitmap& out, Clean clean) {
    const Pfn last = std::min(out.size(), end_pfn());
    impl_->read(abi::kLogDirtyClean, last, clean == Clean::kFinal ? abi::kLogDirtyFinal : 0);
    std::uint64_t dirty_pages = 0;
    for (std::uint64_t i = 0; i < (last + 63) / 64; ++i) {
        const std::uint64_t word = impl_->words()[i] & bits_between(0, last, i);
        out.words()[i] |= word;
        dirty_pages += static_cast<std::uint64_t>(std::popcount(word));
    }
    return dirty_pages;
}

}  // namespace vmbuddies::xen
