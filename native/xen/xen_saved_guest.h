// SPDX-License-Identifier: MIT
#pragma once
#include <memory>

#include "xen/held_memory.h"
#include "xen/log_dirty.h"
#include "xen/saved_guest.h"
#include "xen/xen_domain.h"

namespace vmbuddies::xen {

/// Any guest of this host that libxenguest can save.
class XenSavedGuest : public SavedGuest {
   public:
    /// `target_bytes` as XenSource's.
    XenSavedGuest(std::unique_ptr<XenDomain> domain, std::uint64_t target_bytes);
    ~XenSavedGuest() override;

    void require_alive() override;
    std::uint64_t present_pages() override;
    void enable_dirty_log() override;
    std::uint64_t dirty_count() override;
    void disable_dirty_log() noexcept override;
    void suspend(std::chrono::milliseconds timeout) override;
    void resume() override;

   private:
    std::unique_ptr<XenDomain> domain_;
    HeldMemory memory_;
    std::unique_ptr<LogDirty> log_;  ///< after the domain: it goes first
};

}  // namespace vmbuddies::xen
