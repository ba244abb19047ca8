// SPDX-License-Identifier: MIT
#pragma once
#include "process/dirty_log.h"
#include "process/log_lock.h"
#include "process/pagemap_scanner.h"

namespace vmbuddies::process {

/// The kernel's own log of the guest's writes: exact to the page, one minor fault per page and round for the guest.
class UffdAsyncLog : public DirtyLog {
   public:
    static constexpr char kName[] = "uffd-async";

    /// kUnavailable if the guest could not open up its memory.
    UffdAsyncLog(ProcessDomain& domain, LogLock lock);

    const char* tracker() const noexcept override { return kName; }
    std::uint64_t count() override;
    void peek(Pfn first, Pfn last, Bitmap& out) override;
    void clean(Bitmap& out) override;

   private:
    LogLock lock_;
    Pfn pages_;
    PagemapScanner scanner_;
};

}  // namespace vmbuddies::process
