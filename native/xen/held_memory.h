// SPDX-License-Identifier: MIT
#pragma once
#include <chrono>
#include <cstdint>

#include "xen/xen_domain.h"

namespace vmbuddies::xen {

/// Sees to it, while a guest is moved, that its memory stays what the receiver was told (XenDomain::hold_memory()).
/// Others can set its target at any time, and what comes or goes then cannot be followed: Xen up to 4.21 does not log
/// pages that are added, the receiver has no room for them, and it keeps those that were sent and then given back.
class HeldMemory {
   public:
    /// `target_bytes` as hold_memory() returned it; 0 for a guest without a target.
    HeldMemory(XenDomain::Connections& guest, std::uint64_t target_bytes) noexcept
        : guest_(guest), target_bytes_(target_bytes) {}

    /// To be called once the dirty log is on, and then often: it looks four times a second at most. kState: the target
    /// was changed; kDirtyLog: pages were added.
    void look();
    /// Looks in any case.
    void look_now();

   private:
    using Clock = std::chrono::steady_clock;

    XenDomain::Connections& guest_;
    std::uint64_t target_bytes_;
    std::uint64_t present_pages_ = UINT64_MAX;
    Clock::time_point next_look_{};
};

}  // namespace vmbuddies::xen
