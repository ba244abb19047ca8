// SPDX-License-Identifier: MIT
// What a process domain's handle asks of the guest, through the control block.
#include <algorithm>
#include <cstring>

#include "core/error.h"
#include "core/size_text.h"
#include "process/control_block.h"
#include "process/futex.h"
#include "process/guest_memory.h"
#include "process/log_lock.h"
#include "process/process_domain.h"

namespace vmbuddies::process {
namespace {

/// Does `answer` answer `request`, or a later one? Both count up and wrap around.
bool answers(std::uint32_t answer, std::uint32_t request) { return static_cast<std::int32_t>(answer - request) >= 0; }

}  // namespace

bool ProcessDomain::await(const std::atomic<std::uint32_t>& word, const std::function<bool(std::uint32_t)>& ready,
                          std::chrono::milliseconds timeout, const char* operation) const {
    // A guest that dies wakes nobody: look after it this often.
    constexpr std::chrono::milliseconds kLook{50};
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    for (;;) {
        const bool living = alive();  // before the look at the word: its last answer counts
        const std::uint32_t value = word.load(std::memory_order_acquire);
        if (ready(value)) return true;
        if (!living) gone(operation);
        const auto left = deadline - std::chrono::steady_clock::now();
        if (left <= left.zero()) return false;
        futex_wait(word, value, std::min<std::chrono::nanoseconds>(left, kLook));
    }
}

void ProcessDomain::ring() const noexcept {
    control_->request.fetch_add(ControlBlock::kRequestStep);
    futex_wake_all(control_->request);
}

void ProcessDomain::require_started(const char* operation) const {
    if (!alive()) gone(operation);
    if (control_->incoming.load() == 0) return;
    throw Error(ErrorCode::kState, operation, name_ + " is still being received.");
}

void ProcessDomain::require_running(const char* operation) const {
    require_started(operation);
    if ((control_->request.load() & ControlBlock::kPauseRequest) == 0) return;
    throw Error(ErrorCode::kState, operation, name_ + " is paused; only a running guest can do this.");
}

void ProcessDomain::suspend(std::chrono::milliseconds timeout) {
    std::uint32_t before = control_->request.load();
    std::uint32_t request = 0;
    do {
        request = (before + ControlBlock::kRequestStep) | ControlBlock::kPauseRequest;
    } while (!control_->request.compare_exchange_weak(before, request));
    futex_wake_all(control_->request);
    // Being parked is not enough: it might be parked for an earlier request, and about to leave.
    const auto parked = [request](std::uint32_t paused) { return paused != 0 && answers(paused, request); };
    if (await(control_->paused, parked, timeout, "suspend")) {
        if (!alive()) gone("suspend");
        return;
    }
    control_->request.fetch_and(~ControlBlock::kPauseRequest);
    ring();
    throw Error(
        ErrorCode::kSuspend, "suspend",
        "The guest of " + name_ + " did not stop within " + std::to_string(timeout.count()) + " ms; it runs on.");
}

void ProcessDomain::resume() {
    require_started("resume");
    if (control_->held.load() != 0 && LogLock::is_taken(*this)) {
        throw Error(ErrorCode::kState, "resume", name_ + " is being moved; only its migration can resume it.");
    }
    control_->request.fetch_and(~ControlBlock::kPauseRequest);
    ring();
}

std::optional<double> ProcessDomain::await_gap(std::chrono::milliseconds patience) const {
    const auto runs = [](std::uint32_t paused) { return paused == 0; };
    if (!await(control_->paused, runs, patience, "resume")) return {};
    const std::uint64_t gap = control_->last_gap_nanoseconds.load();
    if (gap == 0) return {};
    return static_cast<double>(gap) * 1e-9;
}

std::uint64_t ProcessDomain::balloon(std::uint64_t target_bytes, std::chrono::milliseconds timeout) {
    const std::uint64_t used_bytes = control_->workload.used_pages << kPageShift;
    if (target_bytes < used_bytes || target_bytes > memory_.bytes()) {
        throw Error(ErrorCode::kArgument, "balloon",
                    name_ + " can have from " + size_text(used_bytes) + ", which it uses, to " +
                        size_text(memory_.bytes()) + ", not " + size_text(target_bytes) + ".");
    }
    require_running("balloon");
    try {
        const LogLock lock(*this);
        const auto target_pages = static_cast<std::uint32_t>(target_bytes >> kPageShift);
        control_->balloon_target_pages.store(target_pages);
        ring();
        const auto settled = [target_pages](std::uint32_t present) { return present == target_pages; };
        const bool in_time = await(control_->present_pages, settled, timeout, "balloon");
        control_->balloon_target_pages.store(0);
        if (in_time) return info().present_bytes;
    } catch (const Error& error) {
        if (error.code() != ErrorCode::kDirtyLogBusy) throw;
        throw Error(ErrorCode::kState, "balloon", std::string("Nothing can be given back now: ") + error.what());
    }
    throw Error(
        ErrorCode::kDeadline, "balloon",
        name_ + " did not reach " + size_text(target_bytes) + " within " + std::to_string(timeout.count()) + " ms.");
}

Verification ProcessDomain::verify(std::chrono::milliseconds timeout) {
    require_running("verify");
    const std::uint32_t request = control_->verify_request.fetch_add(1) + 1;
    ring();
    const auto answered = [request](std::uint32_t answer) { return answers(answer, request); };
    if (!await(control_->verify_answer, answered, timeout, "verify")) {
        throw Error(
            ErrorCode::kDeadline, "verify",
            "The guest of " + name_ + " did not check its memory within " + std::to_string(timeout.count()) + " ms.");
    }
    Verification verification;
    verification.checked_pages = control_->verify_checked_pages.load();
    verification.bad_pages = control_->verify_bad_pages.load();
    verification.first_bad_page = control_->verify_first_bad_page.load();
    verification.writes = control_->verify_writes.load();
    const bool complete = control_->verify_ledger_complete.load() != 0;
    verification.intact = verification.bad_pages == 0 && complete;
    const std::string pages = std::to_string(verification.checked_pages);
    if (verification.intact) {
        verification.message = "All " + pages + " pages are what the guest's ledger says.";
    } else if (verification.bad_pages == 0) {
        verification.message =
            "The ledger of " + pages + " pages does not add up to the header's writes: one of them is stale.";
    } else {
        verification.message = std::to_string(verification.bad_pages) + " of " + pages +
                               " pages are lost or stale, the first is page " +
                               std::to_string(verification.first_bad_page) + ".";
    }
    return verification;
}

void ProcessDomain::check_received(std::uint64_t writes) const {
    const GuestMemory guest(memory(), pages(), memory_fd());
    const char* mismatch = guest.mismatch(control_->workload);
    if (mismatch == nullptr && guest.header().steps != writes)
        mismatch = "The header is not the one it had when it stopped.";
    if (mismatch != nullptr)
        throw Error(ErrorCode::kStream, "receive", "The memory of " + name_ + " is wrong: " + mismatch);
}

void ProcessDomain::release(const std::string& name, bool independent) {
    // The guest has its memory and nothing to do but to go; this is for a host that has gone to sleep.
    constexpr std::chrono::seconds kStartTimeout{30};
    check_domain_name(name);
    if (control_->incoming.load() == 0)
        throw Error(ErrorCode::kState, "release", name_ + " has been released already.");
    if (!alive()) gone("release");
    registry_.rename(name_, name, entry_);
    name_ = name;
    control_->independent.store(independent ? 1 : 0);
    control_->incoming.store(0);
    resume();
    const auto started = [](std::uint32_t phase) { return phase != static_cast<std::uint32_t>(GuestPhase::kStarting); };
    if (!await(control_->phase, started, kStartTimeout, "release")) {
        throw Error(ErrorCode::kDeadline, "release", "The guest of " + name_ + " does not start.");
    }
    if (control_->phase.load() == static_cast<std::uint32_t>(GuestPhase::kFailed)) {
        throw Error(ErrorCode::kStream, "release",
                    "The guest of " + name_ + " refused its memory: " + control_->failure);
    }
}

}  // namespace vmbuddies::process
