// SPDX-License-Identifier: MIT
#include "process/guest/guest.h"

#include <cstring>

#include "process/futex.h"

namespace vmbuddies::process {

using std::chrono::nanoseconds;

Guest::Guest(ControlBlock& control, GuestMemory memory) noexcept
    : control_(control), memory_(memory), pace_(memory_.header()), incoming_(control.incoming.load() != 0) {}

void Guest::prepare() noexcept {
    if (incoming_) {
        control_.paused.store(control_.request.load());  // it is, from the start
        return;
    }
    memory_.format(control_.workload);
    start();
}

/// From here on the memory is the guest's own.
bool Guest::start() noexcept {
    const char* mismatch = memory_.mismatch(control_.workload);
    if (mismatch != nullptr) std::strncpy(control_.failure, mismatch, sizeof control_.failure - 1);
    if (mismatch == nullptr && incoming_) note_gap();
    if (mismatch == nullptr) publish();
    control_.phase.store(static_cast<std::uint32_t>(mismatch == nullptr ? GuestPhase::kRunning : GuestPhase::kFailed));
    futex_wake_all(control_.phase);
    return mismatch == nullptr;
}

bool Guest::await_start() noexcept {
    if (!incoming_) return true;
    park();
    control_.paused.store(0, std::memory_order_release);
    return start();
}

void Guest::run() noexcept {
    auto last = Clock::now();
    nanoseconds slept{0};
    for (;;) {
        const std::uint32_t seen = control_.request.load(std::memory_order_acquire);
        if ((seen & ControlBlock::kPauseRequest) != 0) {
            pace_.stop();
            park();
            note_gap();
            control_.paused.store(0, std::memory_order_release);
            futex_wake_all(control_.paused);
            last = Clock::now();  // the pause is no time that went by for the guest
            slept = nanoseconds{0};
            continue;
        }
        const auto now = Clock::now();
        const nanoseconds elapsed = now - last;
        note_stall(elapsed - slept);
        last = now;
        slept = nanoseconds{0};
        pace_.advance(elapsed);
        work(seen);
        const bool ballooning = balloon();
        const bool checking = check();
        publish();
        if (ballooning || checking || pace_.due()) continue;
        slept = pace_.until_due();
        futex_wait(control_.request, seen, slept);
    }
}

/// Stands still for as long as a pause is asked for, and says under which request it does: a new request while it
/// stands needs an answer of its own, or its sender could take the last moment before the guest leaves for a pause.
void Guest::park() noexcept {
    constexpr nanoseconds kLook = std::chrono::seconds(1);
    for (;;) {
        const std::uint32_t seen = control_.request.load(std::memory_order_acquire);
        if ((seen & ControlBlock::kPauseRequest) == 0) break;
        if (control_.paused.load(std::memory_order_relaxed) != seen) {
            control_.paused.store(seen, std::memory_order_release);
            futex_wake_all(control_.paused);
        }
        futex_wait(control_.request, seen, kLook);
    }
}

/// Before anybody can see that the guest runs again.
void Guest::note_gap() noexcept {
    control_.last_gap_nanoseconds.store(static_cast<std::uint64_t>(pace_.go().count()));
    control_.longest_gap_nanoseconds.store(memory_.header().pacing.longest_gap_nanoseconds);
}

/// Makes the writes that are due, but no more than one turn's share, and none after a request has come.
void Guest::work(std::uint32_t seen) noexcept {
    constexpr int kWritesPerTurn = 64;
    for (int i = 0; i < kWritesPerTurn && pace_.due(); ++i) {
        if (control_.request.load(std::memory_order_relaxed) != seen) return;
        const Pfn page = memory_.step();
        pace_.done();
        if (check_) check_->wrote(page);
    }
}

/// One slice of ballooning; true if more is to be done. The flag goes up before the target is read: whoever takes
/// the target back and then finds the flag down knows that the guest gives no more pages back.
bool Guest::balloon() noexcept {
    if (control_.balloon_target_pages.load(std::memory_order_relaxed) == 0) return false;
    control_.ballooning.store(1);
    const Pfn target = control_.balloon_target_pages.load();
    const bool wanted =
        target >= memory_.end_data() && target <= memory_.pages() && target != memory_.header().present_pages;
    const bool settled = !wanted || memory_.balloon(target);
    control_.present_pages.store(static_cast<std::uint32_t>(memory_.header().present_pages));
    control_.ballooning.store(0);
    if (wanted) futex_wake_all(control_.present_pages);
    return !settled;
}

/// One slice of a requested self-check; true if more is to be done.
bool Guest::check() noexcept {
    if (!check_) {
        const std::uint32_t request = control_.verify_request.load(std::memory_order_acquire);
        if (request == control_.verify_answer.load(std::memory_order_relaxed)) return false;
        check_request_ = request;
        check_.emplace(memory_);
    }
    if (!check_->slice()) return true;
    const GuestHeader& header = memory_.header();
    const bool found_here = check_->bad_pages() > 0;
    bad_pages_ = check_->bad_pages();
    control_.verify_checked_pages.store(check_->checked_pages());
    control_.verify_bad_pages.store(bad_pages_ + header.corrupt_pages);
    control_.verify_first_bad_page.store(found_here ? check_->first_bad_page() : header.first_corrupt_page);
    control_.verify_writes.store(header.steps);
    control_.verify_ledger_complete.store(check_->adds_up() && memory_.mismatch(control_.workload) == nullptr ? 1 : 0);
    check_.reset();
    publish();
    control_.verify_answer.store(check_request_, std::memory_order_release);
    futex_wake_all(control_.verify_answer);
    return control_.verify_request.load() != check_request_;
}

void Guest::publish() noexcept {
    const GuestHeader& header = memory_.header();
    control_.writes.store(header.steps, std::memory_order_relaxed);
    control_.corrupt_pages.store(header.corrupt_pages + bad_pages_, std::memory_order_relaxed);
    control_.present_pages.store(static_cast<std::uint32_t>(header.present_pages), std::memory_order_relaxed);
}

void Guest::note_stall(nanoseconds stall) noexcept {
    if (stall.count() <= 0) return;
    const auto length = static_cast<std::uint64_t>(stall.count());
    for (auto* longest : {&control_.longest_stall_nanoseconds, &control_.recent_stall_nanoseconds}) {
        std::uint64_t known = longest->load(std::memory_order_relaxed);
        // The recent one may be taken by its reader at any moment.
        while (length > known && !longest->compare_exchange_weak(known, length, std::memory_order_relaxed)) {
        }
    }
}

}  // namespace vmbuddies::process
