// SPDX-License-Identifier: MIT
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "bitmap.h"
#include "page.h"

namespace vmbuddies {

class StreamWriter;

enum class Clean {
    kLive,   ///< the guest runs on
    kFinal,  ///< the guest is suspended and this is the last look (XEN_DOMCTL_SHADOW_LOGDIRTY_FINAL)
};

/// What the engine sees of a running domain: its memory, its dirty log, its on/off switch.
/// One implementation per hypervisor. Called from the migration's own thread only. Every method may throw Error.
class Domain {
   public:
    virtual ~Domain() = default;

    /// One past the highest page number the domain can have.
    virtual Pfn end_pfn() = 0;

    /// Sets the bits of the pages that hold data now. Pages given back (ballooned) are absent.
    virtual void present_pages(Bitmap& out) = 0;

    /// Starts the dirty log: from here on every write is recorded; the log starts empty.
    virtual void enable_dirty_log() = 0;
    /// How many pages are dirty in the log. Changes nothing; as cheap as the hypervisor allows.
    virtual std::uint64_t dirty_count() = 0;
    /// Replaces the bits [first, last) of `out` with the log's. The log keeps them.
    virtual void peek_dirty(Pfn first, Pfn last, Bitmap& out) = 0;
    /// Moves the log into `out`: ORs it in, and clears it. A page's data may be read only after this returned.
    virtual void clean_dirty(Bitmap& out, Clean clean) = 0;
    /// Stops the dirty log. Never fails, may be called at any time, any number of times.
    virtual void disable_dirty_log() noexcept = 0;

    /// Gives an address for each page, valid until the next call; nullptr for one that cannot be mapped now.
    virtual void map_pages(std::span<const Pfn> pages, std::span<const std::byte*> out) = 0;

    /// Returns once no instruction of the guest can run any more. kSuspend if it does not stop within `timeout`:
    /// then it runs on.
    virtual void suspend(std::chrono::milliseconds timeout) = 0;
    /// Lets a suspended guest run on here. Returns how long it stood still by its own account, in seconds, if it has
    /// one.
    virtual std::optional<double> resume() = 0;

    /// Writes all that precedes the first page: the headers, what is known of the domain, STATIC_DATA_END.
    virtual void write_head(StreamWriter& stream) = 0;
    /// Writes the records that follow the last page and precede END.
    virtual void write_tail(StreamWriter& stream) = 0;
};

}  // namespace vmbuddies
