// SPDX-License-Identifier: MIT
#include "xen/balloon.h"

#include <algorithm>
#include <string>
#include <thread>

#include "core/page.h"
#include "core/size_text.h"
#include "xen/balloon_progress.h"
#include "xen/connections.h"
#include "xen/domain_flags.h"
#include "xen/log_lock.h"

namespace vmbuddies::xen {
namespace {

using Clock = std::chrono::steady_clock;

constexpr const char* kOperation = "balloon";
constexpr std::chrono::milliseconds kLook{100};
/// A guest that has got to its target has no more pages under way when its memory has not changed for so long.
constexpr std::chrono::milliseconds kCalm{500};
constexpr std::uint64_t kKiBPerPage = 4;

/// Pages may not come and go while somebody keeps the dirty log.
LogLock lock_log(XenDomain::Connections& guest) {
    try {
        return LogLock(guest.domid(), guest.name());
    } catch (const Error& error) {
        if (error.code() != ErrorCode::kDirtyLogBusy) throw;
        throw Error(ErrorCode::kState, kOperation,
                    std::string("The memory target cannot be changed now: ") + error.what());
    }
}

/// What the hypervisor lets the guest have, then what the guest is asked to have: libxl_set_memory_target() with
/// enforce. libxl counts the frame buffer of an HVM guest (memory/videoram) into what it is given.
void set_target(XenDomain::Connections& guest, std::uint64_t target_pages, std::uint64_t limit_pages) {
    const Libraries& xen = guest.libraries();
    const std::uint64_t target_kib = target_pages * kKiBPerPage - guest.number("memory/videoram").value_or(0);
    if (xen.xc_domain_setmaxmem(guest.control(), guest.domid(), limit_pages * kKiBPerPage) != 0) {
        guest.fail(ErrorCode::kSystem, kOperation, "The memory limit of " + guest.name() + " cannot be set");
    }
    const std::uint64_t populated_pages =
        std::min(target_kib / kKiBPerPage + BalloonProgress::kSlackPages, limit_pages);
    if (guest.type() != GuestType::kPv &&
        xen.xc_domain_set_pod_target(guest.control(), guest.domid(), populated_pages, nullptr, nullptr, nullptr) != 0) {
        guest.fail(ErrorCode::kSystem, kOperation,
                   "The populate-on-demand target of " + guest.name() + " cannot be set");
    }
    guest.store().transact([&](Xenstore::TransactionId transaction) {
        guest.store().write(guest.path("memory/target"), std::to_string(target_kib), transaction);
        guest.store().write("/vm/" + guest.uuid() + "/memory", std::to_string(target_kib / 1024), transaction);
        return true;
    });
}

bool stays_the_same(XenDomain::Connections& guest, std::uint64_t present_pages, std::chrono::milliseconds time) {
    const Clock::time_point end = Clock::now() + time;
    while (Clock::now() < end) {
        std::this_thread::sleep_for(kLook);
        if (guest.require_alive(kOperation).tot_pages != present_pages) return false;
    }
    return true;
}

std::uint64_t static_max_pages(XenDomain::Connections& guest) {
    return guest.number("memory/static-max").value_or(0) / kKiBPerPage;
}

std::string mib(std::uint64_t pages) { return std::to_string(pages >> (20 - kPageShift)) + " MiB"; }

}  // namespace

std::optional<std::uint64_t> memory_target(XenDomain::Connections& guest) {
    const auto target_kib = guest.number("memory/target");
    if (!target_kib) return std::nullopt;
    return (*target_kib + guest.number("memory/videoram").value_or(0)) * 1024;
}

std::uint64_t balloon_guest(XenDomain::Connections& guest, std::uint64_t target_bytes,
                            std::chrono::milliseconds timeout) {
    const std::uint64_t target_pages = target_bytes >> kPageShift;
    const std::uint64_t most_pages = static_max_pages(guest);
    if (target_pages == 0 || target_pages > most_pages) {
        throw Error(ErrorCode::kArgument, kOperation,
                    guest.name() + " can have at most " + size_text(most_pages << kPageShift) +
                        " (memory/static-max), not " + size_text(target_bytes) + ".");
    }
    const abi::DomainInfo before = guest.require_alive(kOperation);
    if (run_state(before.flags) != RunState::kRunning) {
        throw Error(ErrorCode::kState, kOperation,
                    guest.name() + " is " + run_state_name(run_state(before.flags)) +
                        "; only a running guest can give memory back.");
    }
    const LogLock lock = lock_log(guest);
    set_target(guest, target_pages, target_pages + BalloonProgress::kSlackPages);
    const Clock::time_point deadline = Clock::now() + timeout;
    BalloonProgress progress(target_pages, before.tot_pages, Clock::now());
    for (;;) {
        const std::uint64_t present_pages = guest.require_alive(kOperation).tot_pages;
        const Clock::time_point now = Clock::now();
        if (progress.settled(present_pages, now) || now >= deadline) return present_pages << kPageShift;
        std::this_thread::sleep_for(kLook);
    }
}

// A guest that is still on its way to its target may be anywhere by the time its pages are sent. Its target becomes
// what it has. The limit is that to the page: a guest reckons in pages of its own, some fewer than the hypervisor's,
// and would take the difference.
HeldTarget hold_memory(XenDomain::Connections& guest, std::chrono::milliseconds timeout) {
    const LogLock lock = lock_log(guest);
    const Clock::time_point deadline = Clock::now() + timeout;
    std::chrono::milliseconds calm = kCalm;
    for (;;) {
        const auto target_bytes = memory_target(guest);
        const std::uint64_t present_pages = guest.require_alive(kOperation).tot_pages;
        const std::uint64_t target_pages = target_bytes.value_or(0) >> kPageShift;
        const bool settled = !target_bytes || BalloonProgress::near(present_pages, target_pages);
        if (settled && stays_the_same(guest, present_pages, calm) && memory_target(guest) == target_bytes) {
            return {.present_bytes = present_pages << kPageShift, .target_bytes = target_bytes.value_or(0)};
        }
        if (Clock::now() >= deadline) {
            throw Error(ErrorCode::kState, kOperation,
                        guest.name() + " does not keep the memory that it has, now " + mib(present_pages) +
                            " with a target of " + mib(target_pages) + ": migrate it once that no longer changes.");
        }
        if (settled) continue;
        set_target(guest, std::min(present_pages, static_max_pages(guest)), present_pages);
        calm = BalloonProgress::kPatience;
    }
}

}  // namespace vmbuddies::xen
