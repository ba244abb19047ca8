// SPDX-License-Identifier: MIT
#pragma once
#include <sys/uio.h>

#include <cstdint>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "page.h"
#include "stream_format.h"

namespace vmbuddies {

/// Frames records of the libxc stream and hands them, as one gather list each, to `sink`.
/// Error kArgument for what no reader would accept.
class StreamWriter {
   public:
    /// `sink` gets the parts of one record in order and must have written them all when it returns.
    using Sink = std::function<void(std::span<const iovec>)>;

    explicit StreamWriter(Sink sink) : sink_(std::move(sink)) {}

    /// Image header and domain header. What is known of the domain follows, then a record STATIC_DATA_END.
    void headers(stream::DomainType type, std::uint32_t xen_major = 0, std::uint32_t xen_minor = 0);

    struct Page {
        Pfn pfn;
        const std::byte* data;  ///< nullptr: an entry without data
        stream::PageType type;  ///< kNormal with data; kAllocOnly or kInvalid without
    };
    /// One PAGE_DATA record; at most stream::kMaxBatch pages, at least one. Pages that lie next to each other in memory
    /// are handed over as one part.
    void pages(std::span<const Page> pages);
    void record(stream::RecordType type, std::span<const std::byte> body);
    void end();

    /// Written so far, framing included.
    std::uint64_t bytes() const noexcept { return bytes_; }

   private:
    void add(const void* data, std::size_t bytes);
    void emit();

    Sink sink_;
    std::uint64_t bytes_ = 0;
    std::vector<std::uint64_t> entries_;
    std::vector<iovec> parts_;
};

}  // namespace vmbuddies
