// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>

namespace vmbuddies::process {

enum class WorkloadKind : std::uint32_t {
    kIdle = 0,    ///< writes nothing
    kSteady = 1,  ///< the paper's S&L: a stable rate
    kOnOff = 2,   ///< D&H: high rate for half a period, low rate for the other half
    kWaves = 3,   ///< L&SW: from low to high and back, linearly, once a period
};

/// What a guest does to its memory. Plain data: it lies in the control block and travels in the hello.
/// A write fills one whole page. Rates are writes per second; repeated writes to one page count each.
/// Every write also touches the guest's bookkeeping: one page in 1024 of the WWS, and one more.
struct Workload {
    WorkloadKind kind = WorkloadKind::kIdle;
    std::uint32_t reserved = 0;
    std::uint64_t seed = 1;
    /// Pages the guest needs, its bookkeeping_pages() included; the rest of its memory is free and can be given back.
    std::uint64_t used_pages = 0;
    std::uint64_t wws_pages = 0;        ///< the writable working set, hot part included; <= used_pages - bookkeeping
    std::uint64_t hot_pages = 0;        ///< part of the WWS; <= wws_pages
    double hot_writes_per_second = 0;   ///< over the hot part, uniformly at random, at the high level
    double cold_writes_per_second = 0;  ///< over the rest of the WWS, uniformly at random, at the high level
    double low_level = 0;               ///< kOnOff, kWaves: the low rate as a share of the high one, 0..1
    double period_seconds = 0;          ///< kOnOff, kWaves; > 0
    double phase = 0;                   ///< where in the period it starts, 0..1

    bool operator==(const Workload&) const = default;
};

/// Pages a guest of this size keeps its header and its ledger in: 1 + one in 1024, rounded up.
std::uint64_t bookkeeping_pages(std::uint64_t memory_bytes) noexcept;

/// kArgument, saying what is wrong, if a guest with this memory could not run `workload`.
void check_workload(std::uint64_t memory_bytes, const Workload& workload);

/// Writes per second at the high level, hot and cold together; 0 for kIdle.
double peak_writes_per_second(const Workload& workload) noexcept;

/// The share of the high level, 0..1, that the workload asks for after this much running time.
double workload_level(const Workload& workload, double running_seconds) noexcept;

}  // namespace vmbuddies::process
