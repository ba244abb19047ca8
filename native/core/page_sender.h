// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "bitmap.h"
#include "domain.h"
#include "peek_ahead.h"
#include "stats.h"
#include "stream_writer.h"

namespace vmbuddies {

/// The pages of a round on their way into the stream: batch by batch, ascending.
class PageSender {
   public:
    PageSender(Domain& domain, StreamWriter& stream, ZeroPages zero_pages, Pfn end_pfn);

    /// To be filled before a round; what is left after it was not sent.
    Bitmap& pending() noexcept { return pending_; }
    /// Pages that could not be mapped. They join what is pending when the next round begins.
    const Bitmap& deferred() const noexcept { return deferred_; }

    void begin_round();
    /// Sends at most `max_pages` of what is pending, 1 to stream::kMaxBatch, as one record and counts them into
    /// `round`. Skips pages that are dirty again and defers those that cannot be mapped; but not when the guest is
    /// stopped: then a page that cannot be mapped is left out if it has no data any more, and Error kMemory otherwise.
    /// Returns false when nothing was pending.
    bool send_batch(std::uint64_t max_pages, RoundStats& round);

   private:
    void take_batch(std::uint64_t max_pages, RoundStats& round);
    bool may_go_without_data(const std::byte* page, const RoundStats& round) const noexcept;
    void leave_out(Pfn page, RoundStats& round);

    Domain& domain_;
    StreamWriter& stream_;
    const ZeroPages zero_pages_;
    PeekAhead peek_;
    Bitmap pending_;
    Bitmap deferred_;
    std::optional<Bitmap> present_;  ///< at the end; looked up only when a page cannot be mapped
    Pfn next_ = 0;                   ///< nothing is pending below
    std::vector<Pfn> batch_;
    std::vector<const std::byte*> addresses_;
    std::vector<StreamWriter::Page> entries_;
};

}  // namespace vmbuddies
