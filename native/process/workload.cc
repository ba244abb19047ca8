// SPDX-License-Identifier: MIT
#include "process/workload.h"

#include <cmath>
#include <string>

#include "core/error.h"
#include "core/page.h"
#include "core/size_text.h"

namespace vmbuddies::process {
namespace {

constexpr std::uint64_t kMinMemoryBytes = std::uint64_t{1} << 20;
/// The control block counts pages in futexes, which have 32 bits.
constexpr std::uint64_t kMaxMemoryBytes = std::uint64_t{0xFFFFFFFF} << kPageShift;
constexpr double kMaxWritesPerSecond = 1e9;
constexpr std::uint64_t kLedgerEntriesPerPage = kPageSize / sizeof(std::uint32_t);

void require(bool condition, const std::string& message) {
    if (!condition) throw Error(ErrorCode::kArgument, "workload", message);
}

bool is_rate(double value) { return value >= 0 && value <= kMaxWritesPerSecond; }
bool is_share(double value) { return value >= 0 && value <= 1; }

}  // namespace

std::uint64_t bookkeeping_pages(std::uint64_t memory_bytes) noexcept {
    const std::uint64_t pages = memory_bytes >> kPageShift;
    return 1 + (pages + kLedgerEntriesPerPage - 1) / kLedgerEntriesPerPage;
}

void check_workload(std::uint64_t memory_bytes, const Workload& workload) {
    require(memory_bytes >= kMinMemoryBytes && memory_bytes <= kMaxMemoryBytes && memory_bytes % kPageSize == 0,
            "A process domain's memory must be a multiple of 4096 bytes from 1 MiB to below 16 TiB, not " +
                size_text(memory_bytes) + ".");
    const std::uint64_t pages = memory_bytes >> kPageShift;
    const std::uint64_t bookkeeping = bookkeeping_pages(memory_bytes);
    require(workload.kind <= WorkloadKind::kWaves, "There is no such kind of workload.");
    require(workload.used_pages >= bookkeeping && workload.used_pages <= pages,
            "used_pages must be from " + std::to_string(bookkeeping) + " to " + std::to_string(pages) + ", not " +
                std::to_string(workload.used_pages) + ".");
    require(workload.wws_pages <= workload.used_pages - bookkeeping,
            "A writable working set of " + std::to_string(workload.wws_pages) + " pages does not fit into " +
                std::to_string(workload.used_pages) + " used pages, of which the guest's bookkeeping takes " +
                std::to_string(bookkeeping) + ".");
    require(workload.hot_pages <= workload.wws_pages, "hot_pages must not exceed wws_pages.");
    require(is_rate(workload.hot_writes_per_second) && is_rate(workload.cold_writes_per_second),
            "Rates must be from 0 to 1e9 writes per second.");
    require(is_share(workload.low_level), "low_level must be from 0 to 1.");
    require(is_share(workload.phase), "phase must be from 0 to 1.");
    require(std::isfinite(workload.period_seconds) && workload.period_seconds >= 0,
            "period_seconds must be finite and not negative.");
    if (workload.kind == WorkloadKind::kIdle) return;
    require(workload.hot_writes_per_second == 0 || workload.hot_pages > 0, "A hot rate needs hot pages.");
    require(workload.cold_writes_per_second == 0 || workload.wws_pages > workload.hot_pages,
            "A cold rate needs pages in the writable working set that are not hot.");
    if (workload.kind == WorkloadKind::kSteady) return;
    require(workload.period_seconds > 0, "A workload that changes needs a period.");
}

double peak_writes_per_second(const Workload& workload) noexcept {
    if (workload.kind == WorkloadKind::kIdle) return 0;
    return workload.hot_writes_per_second + workload.cold_writes_per_second;
}

double workload_level(const Workload& workload, double running_seconds) noexcept {
    if (workload.kind == WorkloadKind::kIdle) return 0;
    if (workload.kind == WorkloadKind::kSteady) return 1;
    const double periods = running_seconds / workload.period_seconds + workload.phase;
    const double position = periods - std::floor(periods);
    if (workload.kind == WorkloadKind::kOnOff) return position < 0.5 ? 1 : workload.low_level;
    const double height = 1 - std::abs(2 * position - 1);  // 0 at both ends of the period, 1 in its middle
    return workload.low_level + (1 - workload.low_level) * height;
}

}  // namespace vmbuddies::process
