// SPDX-License-Identifier: MIT
// What a guest that writes as fast as it can gets done while its writes are tracked, and the log is cleaned once a
// second, against what it gets done when nobody looks.
#include <thread>

#include "bench.h"
#include "core/bitmap.h"
#include "process/control_block.h"
#include "process/dirty_log.h"
#include "site.h"

namespace vmbuddies::bench {
namespace {

using process::DirtyLog;
using process::ProcessDomain;

constexpr auto kBetweenCleans = std::chrono::seconds(1);
constexpr int kCleans = 2;
constexpr int kRuns = 2;

/// Seconds for a write, over as many seconds as there are cleans; `clean` follows each.
template <class Clean>
double write_time(const ProcessDomain& guest, Clean&& clean) {
    const std::uint64_t before = guest.control().writes.load();
    const double seconds = seconds_of([&] {
        for (int i = 0; i < kCleans; ++i) {
            std::this_thread::sleep_for(kBetweenCleans);
            clean();
        }
    });
    return seconds / static_cast<double>(guest.control().writes.load() - before);
}

double tracked(ProcessDomain& guest) {
    const auto log = DirtyLog::enable(guest);
    Bitmap bits(guest.pages());
    return write_time(guest, [&] { log->clean(bits); });
}

void compare(const char* name, std::uint64_t wws_bytes) {
    const Site site;
    const auto guest = site.start(kGiB, steady(wws_bytes, kFlatOut));
    const Killed killed(*guest);
    const auto [ours, baseline] = best_in_turn(
        kRuns, [&] { return tracked(*guest); }, [&] { return write_time(*guest, [] {}); });
    print({.part = "guest-writes",
           .name = std::string("tracked, flat out over ") + name + ", a clean a second",
           .unit = "M/s",
           .ours = 1e-6 / ours,
           .baseline = Reference{"untracked", 1e-6 / baseline}});
}

}  // namespace

void guest_writes() {
    compare("10 MiB", std::uint64_t{10} << 20);
    compare("100 MiB", std::uint64_t{100} << 20);
    compare("900 MiB", std::uint64_t{900} << 20);
}

}  // namespace vmbuddies::bench
