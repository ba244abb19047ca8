// SPDX-License-Identifier: MIT
#include "pacer.h"

#include <algorithm>

#include "page.h"
#include "stats.h"

namespace vmbuddies {
namespace {

using std::chrono::nanoseconds;

// Bytes x nanoseconds per second: the unit in which rate x time has no fractions.
constexpr __int128 kNanobytesPerByte = 1'000'000'000;
constexpr std::uint64_t kQuantaPerSecond = 500;
// Each costs a wake-up and a write of its own, which three guests at a time make a slow dom0 feel.
constexpr std::uint64_t kMinQuantum = 2 * kPageSize;
// A batch's pages are looked up and mapped at one go, which takes a slow machine some 50 ms.
constexpr nanoseconds kMostLateness = std::chrono::milliseconds(100);
// Who rested was not held up, but may have overslept.
constexpr nanoseconds kMostLatenessAfterRest = std::chrono::milliseconds(20);
constexpr std::uint64_t kMaxQuantum = std::uint64_t{256} << 10;
// Keeps the clock's 64 bits from overflowing, whatever is booked at one byte per second.
constexpr nanoseconds kHorizon = std::chrono::hours(24 * 365);

}  // namespace

Pacer::Pacer(std::uint64_t bytes_per_second, TimePoint now) : rate_(bytes_per_second), due_(now) {}

std::uint64_t Pacer::quantum() const noexcept {
    return std::clamp<std::uint64_t>(rate_ / kQuantaPerSecond, kMinQuantum, kMaxQuantum);
}

Pacer::TimePoint Pacer::reserve(std::uint64_t bytes, TimePoint now) {
    if (rate_ == kUnlimited) return now;
    forget_credit_before(now, kMostLateness);
    const TimePoint leaves = std::max(now, due_ + nanoseconds(remainder_ > 0));
    advance(bytes * kNanobytesPerByte, now);
    return leaves;
}

void Pacer::set_rate(std::uint64_t bytes_per_second, TimePoint now) {
    if (bytes_per_second == rate_) return;
    __int128 owed = 0;  // nothing is owed to or by a link without a limit
    if (rate_ != kUnlimited && bytes_per_second != kUnlimited) {
        forget_credit_before(now, kMostLateness);
        owed = static_cast<__int128>((due_ - now).count()) * rate_ + remainder_;
    }
    rate_ = bytes_per_second;
    due_ = now;
    remainder_ = 0;
    advance(owed, now);
}

void Pacer::rested(TimePoint now) {
    if (rate_ != kUnlimited) forget_credit_before(now, kMostLatenessAfterRest);
}

// There is a limit.
void Pacer::forget_credit_before(TimePoint now, nanoseconds kept) {
    const auto two_quanta = nanoseconds(static_cast<std::int64_t>(2 * kNanobytesPerByte * quantum() / rate_));
    const TimePoint oldest = now - std::max(kept, two_quanta);
    if (due_ >= oldest) return;
    due_ = oldest;
    remainder_ = 0;
}

// Moves the deadline by `nanobytes` at the rate; back, if they are fewer than none.
void Pacer::advance(__int128 nanobytes, TimePoint now) {
    const __int128 total = nanobytes + remainder_;
    __int128 ticks = total / rate_;
    if (ticks * rate_ > total) --ticks;  // round down, not towards zero
    remainder_ = static_cast<std::uint64_t>(total - ticks * rate_);
    const __int128 limit = kHorizon.count();
    due_ = std::min(due_ + nanoseconds(static_cast<std::int64_t>(std::clamp(ticks, -limit, limit))), now + kHorizon);
}

}  // namespace vmbuddies
