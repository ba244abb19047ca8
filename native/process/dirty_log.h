// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/bitmap.h"
#include "core/page.h"

namespace vmbuddies::process {

class ProcessDomain;

/// The dirty log of one process domain; exists from enable to off. The owner holds an exclusive lock on the guest's
/// memory file, so a second owner, in any process, gets kDirtyLogBusy with the owner's pid. The lock goes with its
/// holder. Only the guest's own writes are seen, not those made to its memory from outside. Every call throws
/// kDomainGone once the guest has ended, and kDirtyLog if the log can no longer be trusted.
class DirtyLog {
   public:
    virtual ~DirtyLog() = default;  ///< off

    virtual const char* tracker() const noexcept = 0;  ///< TrackerProbe::name
    virtual std::uint64_t count() = 0;
    virtual void peek(Pfn first, Pfn last, Bitmap& out) = 0;  ///< replaces [first, last) of out
    virtual void clean(Bitmap& out) = 0;                      ///< ORs into out and clears the log

    /// `tracker` is a name from probe_trackers(), or "auto": the first one whose self-test passes here and which this
    /// guest allows, unless the environment's VMBUDDIES_TRACKER names one. `domain` must outlive the log.
    /// kArgument for an unknown name, kUnavailable (saying why) for one that does not work here, kDirtyLogBusy, kState
    /// for a domain that is still being received.
    static std::unique_ptr<DirtyLog> enable(ProcessDomain& domain, const std::string& tracker = "auto");
};

/// The ways to keep a dirty log, best first.
struct TrackerProbe {
    std::string name;  ///< "uffd-async" (PAGEMAP_SCAN), "compare" (shadow copy)
    bool usable = false;
    std::string reason;  ///< why it is or is not, in one sentence
};
/// Runs each tracker's self-test: forks a child that writes two known pages and checks what the tracker reports.
std::vector<TrackerProbe> probe_trackers();

}  // namespace vmbuddies::process
