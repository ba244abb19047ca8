// SPDX-License-Identifier: MIT
#include "writer.h"

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <ctime>

namespace vmbuddies::lab {
namespace {

/// Between two bursts: an emulated CPU that is woken more often has no time left for others.
constexpr timespec kRest{0, 20'000'000};
/// A burst that takes longer means a rate beyond this CPU: what it cannot do is left out.
constexpr std::int64_t kLongestBurstNanoseconds = 50'000'000;
/// More than this between two ticks is a stall, and what it held up is not made up for: a pause that ends in a burst of
/// writes would be a workload of its own.
constexpr std::uint64_t kStallNanoseconds = 150'000'000;
/// About 800 pages/s. Pages that are being written need no sweep; it is for those whose turn is far away.
constexpr std::size_t kPagesSweptPerTick = 16;

}  // namespace

void Writer::run() noexcept {
    for (;;) {
        const std::uint64_t elapsed = clock_.tick(board_);
        resize();
        write(elapsed);
        sweep();
        ::nanosleep(&kRest, nullptr);
    }
}

/// A new size is a new region: the old one is looked at once more, as a whole, and given back first. What there is no
/// memory for becomes no region, which `wss_bytes` shows.
void Writer::resize() noexcept {
    const std::uint64_t wish_bytes = board_.wished_wss_bytes;
    if (wish_bytes == seen_wish_bytes_) return;
    seen_wish_bytes_ = wish_bytes;
    for (std::size_t page = 0; region_ && page < region_->pages(); ++page) note(region_->check(page));
    region_.reset();
    memory_.reset();
    memory_.emplace(wish_bytes / kPageSize);
    if (!memory_->pages().empty()) region_.emplace(memory_->pages(), seed_ + board_.pages_written);
    board_.wss_bytes = memory_->pages().size_bytes();
    next_swept_ = 0;
    clock_ = {};  // the guest's own doing, and no stall
}

void Writer::write(std::uint64_t elapsed_nanoseconds) noexcept {
    const std::uint64_t rate = board_.wished_pages_per_second;
    board_.pages_per_second = rate;
    if (elapsed_nanoseconds > kStallNanoseconds || !region_) return;
    due_pages_ += static_cast<double>(rate) * static_cast<double>(elapsed_nanoseconds) * 1e-9;
    const auto due = static_cast<std::uint64_t>(due_pages_);
    due_pages_ -= static_cast<double>(due);
    const std::int64_t end = now(CLOCK_MONOTONIC) + kLongestBurstNanoseconds;
    std::uint64_t done = 0;
    while (done < due && (done % 64 != 63 || now(CLOCK_MONOTONIC) < end)) {
        note(region_->write_next());
        ++done;
    }
    board_.pages_written += done;
}

void Writer::sweep() noexcept {
    if (!region_) return;
    const std::size_t end = std::min(next_swept_ + kPagesSweptPerTick, region_->pages());
    while (next_swept_ < end) note(region_->check(next_swept_++));
    if (end < region_->pages()) return;
    next_swept_ = 0;
    ++board_.sweeps;
}

void Writer::note(const std::optional<Damage>& damage) noexcept {
    if (!damage) return;
    ++board_.corrupt_pages;
    std::printf("guest: page %" PRIu64 " of pass %" PRIu64 " holds page %" PRIu64 " of pass %" PRIu64 "\n",
                damage->index, damage->pass, damage->held_index, damage->held_pass);
}

}  // namespace vmbuddies::lab
