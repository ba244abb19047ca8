// SPDX-License-Identifier: MIT
// Reading and clearing the dirty log of 1 GiB into a bitmap, against the bare system call. The guest stands still: what
// a running one adds is the kernel's shooting down of its translations, the same for both.
#include "process/dirty_log.h"

#include <fcntl.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <cerrno>
#include <thread>

#include "bench.h"
#include "core/bitmap.h"
#include "core/error.h"
#include "core/unique_fd.h"
#include "process/control_block.h"
#include "site.h"

namespace vmbuddies::bench {
namespace {

using process::DirtyLog;
using process::ProcessDomain;

constexpr Pfn kPages = kGiB >> kPageShift;
struct Density {
    int percent;
    int runs;
};
constexpr Density kDensities[] = {{0, 31}, {1, 31}, {10, 15}, {100, 7}};

/// What one would write who has just read the manual: all in one call, with room for the worst case.
class BareScan {
   public:
    explicit BareScan(ProcessDomain& domain)
        : pagemap_(::open(("/proc/" + std::to_string(domain.pid()) + "/pagemap").c_str(), O_RDONLY | O_CLOEXEC)),
          base_(domain.control().memory_address.load()),
          regions_(kPages / 2 + 1) {}

    void read_and_clear() {
        constexpr std::uint64_t kWriteProtectMatching = 1;
        constexpr std::uint64_t kCheckTracked = 2;
        constexpr std::uint64_t kWritten = 2;
        Argument argument{.flags = kWriteProtectMatching | kCheckTracked,
                          .start = base_,
                          .end = base_ + kGiB,
                          .vec = reinterpret_cast<std::uintptr_t>(regions_.data()),
                          .vec_len = regions_.size(),
                          .category_mask = kWritten,
                          .return_mask = kWritten};
        if (::ioctl(pagemap_.get(), _IOWR('f', 16, Argument), &argument) < 0) {
            throw Error::system("bench", "PAGEMAP_SCAN failed", errno);
        }
    }

   private:
    struct Argument {  // struct pm_scan_arg of linux/fs.h
        std::uint64_t size = sizeof(Argument);
        std::uint64_t flags, start, end, walk_end, vec, vec_len, max_pages;
        std::uint64_t category_inverted, category_mask, category_anyof_mask, return_mask;
    };
    struct Region {
        std::uint64_t start, end, categories;
    };
    UniqueFd pagemap_;
    std::uint64_t base_;
    std::vector<Region> regions_;
};

/// Lets the stopped writer make one round of its writes.
void dirty(ProcessDomain& guest) {
    const process::ControlBlock& control = guest.control();
    const std::uint64_t target = control.writes.load() + control.workload.wws_pages;
    guest.resume();
    while (control.writes.load() < target || control.paused.load() != 0) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    guest.suspend(std::chrono::seconds(10));
}

void compare(const Density& density) {
    const Site site;
    // A workload must leave room for a guest's bookkeeping: 100 % are 0.1 % less.
    const Pfn dirty_pages =
        std::min(kPages * static_cast<Pfn>(density.percent) / 100, kPages - process::bookkeeping_pages(kGiB));
    const auto guest = site.start(kGiB, {.wws_pages = dirty_pages}, VMBUDDIES_BENCH_WRITER);
    const Killed killed(*guest);
    guest->suspend(std::chrono::seconds(10));
    const auto log = DirtyLog::enable(*guest, "uffd-async");
    BareScan scan(*guest);
    Bitmap bits(kPages);
    scan.read_and_clear();  // its first touch of the regions is not to be timed

    const auto [ours, bare] = best_in_turn(
        density.runs,
        [&] {
            dirty(*guest);
            bits.clear_all();
            return seconds_of([&] { log->clean(bits); });
        },
        [&] {
            dirty(*guest);
            return seconds_of([&] { scan.read_and_clear(); });
        });
    if (bits.count() != dirty_pages) throw Error(ErrorCode::kDirtyLog, "bench", "The log is not what was written.");
    print({.part = "dirty-log",
           .name = "read and clear 1 GiB, " + std::to_string(density.percent) + " % dirty",
           .unit = "ms",
           .ours = ours * 1e3,
           .baseline = Reference{"bare ioctl", bare * 1e3},
           .goal = Goal{Goal::Of::kRatio, Goal::Bound::kAtMost, 1.2, 3}});
}

}  // namespace

void dirty_log() {
    for (const Density& density : kDensities) compare(density);
}

}  // namespace vmbuddies::bench
