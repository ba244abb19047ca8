// SPDX-License-Identifier: MIT
#pragma once
#include <memory>

#include "core/domain.h"
#include "xen/held_memory.h"
#include "xen/log_dirty.h"
#include "xen/xen_domain.h"

namespace vmbuddies::xen {

class ForeignMapping;

/// A PVH guest (or an HVM guest without device model) as the engine sees it: the stream of
/// docs/specs/libxc-migration-stream, "x86 HVM Guest".
class XenSource : public Domain {
   public:
    /// kUnavailable for a guest this cannot move: PV, or HVM with a device model.
    /// `target_bytes`: what its memory is held at (XenDomain::hold_memory()); 0: it is not held.
    explicit XenSource(std::unique_ptr<XenDomain> domain, std::uint64_t target_bytes = 0);
    ~XenSource() override;

    Pfn end_pfn() override;
    void present_pages(Bitmap& out) override;
    void enable_dirty_log() override;
    std::uint64_t dirty_count() override;
    void peek_dirty(Pfn first, Pfn last, Bitmap& out) override;
    void clean_dirty(Bitmap& out, Clean clean) override;
    void disable_dirty_log() noexcept override;
    void map_pages(std::span<const Pfn> pages, std::span<const std::byte*> out) override;
    void suspend(std::chrono::milliseconds timeout) override;
    std::optional<double> resume() override;
    void write_head(StreamWriter& stream) override;
    void write_tail(StreamWriter& stream) override;

   private:
    LogDirty& log();
    void require_no_growth();

    std::unique_ptr<XenDomain> domain_;
    std::unique_ptr<ForeignMapping> mapping_;
    HeldMemory memory_;
    std::unique_ptr<LogDirty> log_;  ///< after the domain: it goes first
    Bitmap dirty_;                   ///< what a clean has brought, before it is sorted
    Pfn end_pfn_ = 0;                ///< 0 until asked for, then the same for good
};

}  // namespace vmbuddies::xen
