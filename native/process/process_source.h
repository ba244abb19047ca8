// SPDX-License-Identifier: MIT
#pragma once
#include <memory>
#include <string>

#include "core/domain.h"
#include "process/dirty_log.h"
#include "process/map_ahead.h"
#include "process/process_domain.h"

namespace vmbuddies::process {

/// A process domain as the engine sees it. Once the guest has ended, every call that could throws kDomainGone.
class ProcessSource : public Domain {
   public:
    /// `tracker` as for DirtyLog::enable().
    explicit ProcessSource(std::unique_ptr<ProcessDomain> domain, std::string tracker = "auto");
    ~ProcessSource() override;

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

    ProcessDomain& domain() noexcept { return *domain_; }

   private:
    void require_alive(const char* operation) const;
    DirtyLog& log(const char* operation);

    std::unique_ptr<ProcessDomain> domain_;
    std::string tracker_;
    std::unique_ptr<DirtyLog> log_;  ///< after the domain: it goes first
    MapAhead map_ahead_;             ///< and so does this
};

}  // namespace vmbuddies::process
