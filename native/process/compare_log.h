// SPDX-License-Identifier: MIT
#pragma once
#include <functional>

#include "process/dirty_log.h"
#include "process/log_lock.h"
#include "process/memory_file.h"

namespace vmbuddies::process {

/// Keeps a copy of the guest's memory and calls dirty what differs from it. Works on any Linux and costs the guest
/// nothing, but needs its memory a second time and reads all of it for every answer. A page that has changed and is
/// back at the copied content is not seen; a guest's pages never come back, since every write raises a version.
class CompareLog : public DirtyLog {
   public:
    static constexpr char kName[] = "compare";

    CompareLog(ProcessDomain& domain, LogLock lock);

    const char* tracker() const noexcept override { return kName; }
    std::uint64_t count() override;
    void peek(Pfn first, Pfn last, Bitmap& out) override;
    void clean(Bitmap& out) override;

   private:
    /// Visits every page in [first, last) that differs from the copy. Holes are equal to a copy that was never written,
    /// and pages do not become holes while the lock is held.
    void for_each_difference(Pfn first, Pfn last, const std::function<void(Pfn)>& visit);
    std::byte* copy_of(Pfn page) const noexcept { return copy_.base() + (page << kPageShift); }

    LogLock lock_;
    ProcessDomain& domain_;
    Mapping copy_;
};

}  // namespace vmbuddies::process
