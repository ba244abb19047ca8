// SPDX-License-Identifier: MIT
#include "process/pagemap_scanner.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>

#include "core/error.h"

namespace vmbuddies::process {
namespace {

// From linux/fs.h of Linux 6.7; the headers we build with may be older than the kernel we run on.
struct ScanArgument {
    std::uint64_t size = sizeof(ScanArgument);
    std::uint64_t flags = 0;
    std::uint64_t start = 0;
    std::uint64_t end = 0;
    std::uint64_t walk_end = 0;
    std::uint64_t vec = 0;
    std::uint64_t vec_len = 0;
    std::uint64_t max_pages = 0;
    std::uint64_t category_inverted = 0;
    std::uint64_t category_mask = 0;
    std::uint64_t category_anyof_mask = 0;
    std::uint64_t return_mask = 0;
};
static_assert(sizeof(ScanArgument) == 96);
constexpr unsigned long kPagemapScan = _IOWR('f', 16, ScanArgument);
constexpr std::uint64_t kPageIsWritten = 1 << 1;
constexpr std::uint64_t kWriteProtectMatching = 1 << 0;
// Without this, a range that is not tracked is no error: it would read as "never written".
constexpr std::uint64_t kCheckTracked = 1 << 1;

// Bounds how long one call holds the guest's mmap lock: 1 GiB, a few milliseconds at most.
constexpr Pfn kChunkPages = Pfn{1} << 18;
constexpr std::size_t kRegions = 8192;

}  // namespace

PagemapScanner::PagemapScanner(int pid, std::uint64_t base, Pfn pages)
    : base_(base), pages_(pages), regions_(kRegions) {
    const std::string path = "/proc/" + std::to_string(pid) + "/pagemap";
    pagemap_ = UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!pagemap_.valid()) {
        const int error = errno;
        if (error == ENOENT || error == ESRCH) throw Error(ErrorCode::kDomainGone, "dirty log", "The guest has ended.");
        throw Error(ErrorCode::kUnavailable, "dirty log", path + " cannot be opened: " + std::strerror(error) + ".",
                    error);
    }
}

/// A process that ends loses its mappings before it is seen to be dead, and a scan of the empty address space finds
/// nothing written. Reading the pagemap fails from before that moment on, so a scan followed by this check is sound.
void PagemapScanner::check_alive() const {
    std::uint64_t entry = 0;
    const auto offset = static_cast<off_t>((base_ >> kPageShift) * sizeof entry);
    if (::pread(pagemap_.get(), &entry, sizeof entry, offset) != sizeof entry) {
        throw Error(ErrorCode::kDomainGone, "dirty log", "The guest has ended.");
    }
}

void PagemapScanner::arm() {
    for (Pfn first = 0; first < pages_; first += kChunkPages) {
        ScanArgument argument;
        argument.flags = kWriteProtectMatching | kCheckTracked;
        argument.start = base_ + (first << kPageShift);
        argument.end = base_ + (std::min(first + kChunkPages, pages_) << kPageShift);
        argument.category_mask = kPageIsWritten;
        argument.return_mask = kPageIsWritten;
        if (::ioctl(pagemap_.get(), kPagemapScan, &argument) < 0) {
            const int error = errno;
            check_alive();
            throw Error(ErrorCode::kUnavailable, "dirty log",
                        std::string("PAGEMAP_SCAN cannot be used on the guest: ") + std::strerror(error) + ".", error);
        }
    }
    check_alive();
}

void PagemapScanner::peek(Pfn first, Pfn last, const Visit& visit) { scan(first, last, kCheckTracked, visit); }

void PagemapScanner::clean(Pfn first, Pfn last, const Visit& visit) {
    scan(first, last, kCheckTracked | kWriteProtectMatching, visit);
}

void PagemapScanner::scan(Pfn first, Pfn last, std::uint64_t flags, const Visit& visit) {
    last = std::min(last, pages_);
    while (first < last) {
        const Pfn end = std::min(first + kChunkPages, last);
        ScanArgument argument;
        argument.flags = flags;
        argument.start = base_ + (first << kPageShift);
        argument.end = base_ + (end << kPageShift);
        argument.vec = reinterpret_cast<std::uintptr_t>(regions_.data());
        argument.vec_len = regions_.size();
        // Only this mask, as mask and as answer, takes the kernel's fast path; others judge unpopulated pages
        // differently.
        argument.category_mask = kPageIsWritten;
        argument.return_mask = kPageIsWritten;
        const int found = ::ioctl(pagemap_.get(), kPagemapScan, &argument);
        if (found < 0) {
            const int error = errno;
            check_alive();
            throw Error(ErrorCode::kDirtyLog, "dirty log",
                        std::string("The guest's writes are no longer tracked: ") + std::strerror(error) + ".", error);
        }
        for (int i = 0; i < found; ++i) {
            const Region& region = regions_[static_cast<std::size_t>(i)];
            visit((region.start - base_) >> kPageShift, (region.end - region.start) >> kPageShift);
        }
        // walk_end lags behind unless the vector is full, and even then the last region may lie beyond it.
        const bool complete = static_cast<std::size_t>(found) < regions_.size();
        first = complete ? end : (std::max(argument.walk_end, regions_.back().end) - base_) >> kPageShift;
    }
    check_alive();
}

}  // namespace vmbuddies::process
