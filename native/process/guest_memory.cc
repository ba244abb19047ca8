// SPDX-License-Identifier: MIT
#include "process/guest_memory.h"

#include <fcntl.h>

#include <algorithm>

namespace vmbuddies::process {
namespace {

constexpr std::size_t kWords = kPageSize / sizeof(std::uint64_t);
constexpr std::uint64_t kGolden = 0x9E3779B97F4A7C15;  // 2^64 / golden ratio, odd
// What one safe point's share of ballooning may cost: a few hundred microseconds either way.
constexpr Pfn kGiveBackSlice = 4096;
constexpr Pfn kTakeSlice = 256;

/// The finaliser of SplitMix64 (Steele, Lea, Flood 2014): a bijection whose output bits all depend on all input bits.
std::uint64_t mix(std::uint64_t value) noexcept {
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
    value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
    return value ^ (value >> 31);
}

std::uint64_t page_key(std::uint64_t seed, Pfn page, std::uint32_t version) noexcept {
    return mix(mix(seed + (page + 1) * kGolden) + version);
}

void fill(std::byte* page, std::uint64_t key) noexcept {
    auto* words = reinterpret_cast<std::uint64_t*>(page);
    for (std::size_t i = 0; i < kWords; ++i) words[i] = key + i * kGolden;
}

bool holds(const std::byte* page, std::uint64_t key) noexcept {
    const auto* words = reinterpret_cast<const std::uint64_t*>(page);
    std::uint64_t difference = 0;
    for (std::size_t i = 0; i < kWords; ++i) difference |= words[i] ^ (key + i * kGolden);
    return difference == 0;
}

double to_unit(std::uint64_t random) noexcept { return static_cast<double>(random >> 11) * 0x1p-53; }

/// Uniform in [0, bound), by the high half of a product; the bias of bound / 2^64 is of no consequence.
std::uint64_t below(std::uint64_t random, std::uint64_t bound) noexcept {
    return static_cast<std::uint64_t>((static_cast<unsigned __int128>(random) * bound) >> 64);
}

}  // namespace

GuestMemory::GuestMemory(std::byte* base, Pfn pages, int memory_fd) noexcept
    : base_(base),
      pages_(pages),
      first_data_(bookkeeping_pages(pages << kPageShift)),
      ledger_(reinterpret_cast<std::uint32_t*>(base + kPageSize)),
      memory_fd_(memory_fd) {}

void GuestMemory::format(const Workload& workload) noexcept {
    GuestHeader& head = header();
    head.magic = GuestHeader::kMagic;
    head.pages = pages_;
    head.workload = workload;
    head.present_pages = pages_;
    head.writes = end_data() - first_data_;
    std::fill_n(ledger_, first_data_, 0U);  // zeros, but present: a new guest has no holes
    for (Pfn page = first_data_; page < pages_; ++page) write(page, page < end_data() ? 1 : kFree);
}

const char* GuestMemory::mismatch(const Workload& workload) const noexcept {
    const GuestHeader& head = header();
    if (head.magic != GuestHeader::kMagic) return "Page 0 is not a guest's header.";
    if (head.pages != pages_) return "The header is that of a guest of another size.";
    if (head.workload != workload) return "The header has another workload.";
    if (head.present_pages < workload.used_pages || head.present_pages > pages_)
        return "The header's balloon is wrong.";
    return nullptr;
}

void GuestMemory::write(Pfn page, std::uint32_t version) noexcept {
    ledger_[page] = version;
    fill(at(page), page_key(header().workload.seed, page, version));
}

bool GuestMemory::check(Pfn page) const noexcept {
    const std::uint32_t version = ledger_[page];
    if (page >= end_data()) return version == kFree;
    if (version == 0 || version == kFree) return false;
    return holds(at(page), page_key(header().workload.seed, page, version));
}

Pfn GuestMemory::choose() const noexcept {
    const Workload& load = header().workload;
    const std::uint64_t random = mix(load.seed ^ mix(header().steps * kGolden));
    const double hot_share = load.hot_writes_per_second / peak_writes_per_second(load);
    const bool hot = to_unit(random) < hot_share;
    const std::uint64_t first = hot ? 0 : load.hot_pages;
    const std::uint64_t count = hot ? load.hot_pages : load.wws_pages - load.hot_pages;
    return first_data_ + first + below(mix(random), count);
}

Pfn GuestMemory::step() noexcept {
    GuestHeader& head = header();
    const Pfn page = choose();
    if (!check(page)) {
        if (head.corrupt_pages++ == 0) head.first_corrupt_page = page;
    }
    // A version that is itself lost restarts at 1; the header's sum then gives it away for good.
    const std::uint32_t version = ledger_[page];
    write(page, version >= kFree - 1 ? 1 : version + 1);
    head.writes++;
    head.steps++;
    return page;
}

bool GuestMemory::balloon(Pfn target) noexcept {
    Pfn& present = header().present_pages;
    if (present > target) {
        const Pfn first = present - std::min(present - target, kGiveBackSlice);
        const int given =
            ::fallocate(memory_fd_, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(first << kPageShift),
                        static_cast<off_t>((present - first) << kPageShift));
        if (given == 0) present = first;
    } else {
        const Pfn end = present + std::min(target - present, kTakeSlice);
        for (; present < end; ++present) write(present, kFree);
    }
    return present == target;
}

}  // namespace vmbuddies::process
