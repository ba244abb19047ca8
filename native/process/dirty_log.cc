// SPDX-License-Identifier: MIT
#include "process/dirty_log.h"

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <utility>

#include "core/error.h"
#include "process/compare_log.h"
#include "process/control_block.h"
#include "process/log_lock.h"
#include "process/process_domain.h"
#include "process/uffd_async_log.h"

namespace vmbuddies::process {
namespace {

/// Why this guest cannot be tracked by `name`, or "" if it can.
std::string guest_refusal(ProcessDomain& domain, const std::string& name) {
    const int error = domain.control().write_tracking_errno.load();
    if (name != UffdAsyncLog::kName || error == 0) return "";
    return "The guest of " + domain.name() + " could not open up its memory (userfaultfd: " + std::strerror(error) +
           ").";
}

std::string choose(ProcessDomain& domain, const std::string& wanted) {
    // The self-tests' outcome cannot change while a process runs.
    static const std::vector<TrackerProbe> probes = probe_trackers();
    std::string reasons;
    for (const TrackerProbe& probe : probes) {
        if (wanted != "auto" && wanted != probe.name) continue;
        const std::string reason = probe.usable ? guest_refusal(domain, probe.name) : probe.reason;
        if (reason.empty()) return probe.name;
        reasons += (reasons.empty() ? "" : " ") + reason;
    }
    if (reasons.empty()) throw Error(ErrorCode::kArgument, "dirty log", "There is no tracker named " + wanted + ".");
    throw Error(ErrorCode::kUnavailable, "dirty log", reasons);
}

/// A balloon request whose sender died may still be under way; the lock's new holder calls it off.
void end_ballooning(ProcessDomain& domain) {
    constexpr std::chrono::seconds kPatience{1};
    ControlBlock& control = domain.control();
    control.balloon_target_pages.store(0);
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (control.ballooning.load() != 0 && domain.alive()) {
        if (std::chrono::steady_clock::now() > deadline) {
            throw Error(ErrorCode::kState, "dirty log", domain.name() + " is still giving memory back.");
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
}

}  // namespace

std::unique_ptr<DirtyLog> DirtyLog::enable(ProcessDomain& domain, const std::string& tracker) {
    if (domain.control().incoming.load() != 0) {
        throw Error(ErrorCode::kState, "dirty log", domain.name() + " is still being received.");
    }
    const char* override_name = std::getenv("VMBUDDIES_TRACKER");
    const bool overridden = tracker == "auto" && override_name != nullptr && *override_name != '\0';
    const std::string name = choose(domain, overridden ? override_name : tracker);
    LogLock lock(domain);
    domain.control().held.store(0);  // an earlier keeper's, who died
    end_ballooning(domain);
    if (name == UffdAsyncLog::kName) return std::make_unique<UffdAsyncLog>(domain, std::move(lock));
    return std::make_unique<CompareLog>(domain, std::move(lock));
}

}  // namespace vmbuddies::process
