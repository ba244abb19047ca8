// SPDX-License-Identifier: MIT
#include "process/guest/pace.h"

#include <algorithm>

namespace vmbuddies::process {
namespace {

using std::chrono::nanoseconds;

constexpr nanoseconds kShortestSleep = std::chrono::milliseconds(1);
constexpr nanoseconds kLongestSleep = std::chrono::seconds(1);
/// A rate that changes is looked at this often, even when nothing is due.
constexpr nanoseconds kLookAtRate = std::chrono::milliseconds(10);
/// What a guest that overslept makes up for, at most: this much time at the peak rate.
constexpr double kCatchUpSeconds = 0.05;

nanoseconds realtime() noexcept {
    return std::chrono::duration_cast<nanoseconds>(std::chrono::system_clock::now().time_since_epoch());
}

}  // namespace

double Pace::rate() const noexcept {
    const double seconds = static_cast<double>(header_.pacing.running_nanoseconds) * 1e-9;
    return peak_writes_per_second(header_.workload) * workload_level(header_.workload, seconds);
}

void Pace::advance(nanoseconds elapsed) noexcept {
    const double peak = peak_writes_per_second(header_.workload);
    if (peak <= 0) return;  // an idle guest does not touch even its header
    header_.pacing.running_nanoseconds += static_cast<std::uint64_t>(elapsed.count());
    const double due = header_.pacing.due_writes + rate() * static_cast<double>(elapsed.count()) * 1e-9;
    header_.pacing.due_writes = std::min(due, std::max(1.0, peak * kCatchUpSeconds));
}

void Pace::stop() noexcept {
    if (peak_writes_per_second(header_.workload) > 0) header_.pacing.stopped_at_nanoseconds = realtime().count();
}

nanoseconds Pace::go() noexcept {
    GuestHeader::Pacing& pacing = header_.pacing;
    if (pacing.stopped_at_nanoseconds == 0) return nanoseconds{0};
    // The clock may have been set back meanwhile, or be another host's.
    const nanoseconds gap = std::max(nanoseconds{0}, realtime() - nanoseconds(pacing.stopped_at_nanoseconds));
    pacing.longest_gap_nanoseconds = std::max(pacing.longest_gap_nanoseconds, static_cast<std::uint64_t>(gap.count()));
    return gap;
}

nanoseconds Pace::until_due() const noexcept {
    const bool steady = header_.workload.kind == WorkloadKind::kSteady || header_.workload.kind == WorkloadKind::kIdle;
    const double longest = static_cast<double>((steady ? kLongestSleep : kLookAtRate).count());
    const double per_second = rate();
    const double missing = per_second > 0 ? (1 - header_.pacing.due_writes) / per_second * 1e9 : longest;
    return std::clamp(nanoseconds(static_cast<std::int64_t>(std::min(missing, longest))), kShortestSleep,
                      kLongestSleep);
}

}  // namespace vmbuddies::process
