// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <memory>

#include "core/bitmap.h"
#include "core/domain.h"

namespace vmbuddies::xen {

class XenDomain;

/// Xen's dirty log of one domain (XEN_DOMCTL_SHADOW_OP_*), on from open() to the object's end. One owner at a time on
/// this host: kDirtyLogBusy. A log that a killed owner has left on is switched off and on again.
class LogDirty {
   public:
    /// kUnavailable, with the way out, where the hypervisor cannot log this kind of guest (EOPNOTSUPP: built without
    /// shadow paging); kDirtyLog if the domain has passthrough devices or log memory cannot be had.
    static std::unique_ptr<LogDirty> enable(XenDomain& domain);
    /// Switches the log off, whatever happened.
    ~LogDirty();

    /// One past the highest pfn (xc_domain_nr_gpfns).
    Pfn end_pfn() const noexcept;
    /// Dirty pages since the last clean: a PEEK for the counters only, which never fails for want of memory or by
    /// preemption. kDirtyLog (ENOMEM): the log is incomplete; kDomainGone.
    std::uint64_t count();
    /// As Domain::peek_dirty().
    void peek(Pfn first, Pfn last, Bitmap& out);
    /// As Domain::clean_dirty(). Returns how many pages the log held.
    std::uint64_t clean(Bitmap& out, Clean clean);

   private:
    class Impl;
    explicit LogDirty(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace vmbuddies::xen
