// SPDX-License-Identifier: MIT
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>

#include "core/stream_format.h"

namespace vmbuddies::xen {

/// Counts what is in a libxc stream that somebody else writes, as its bytes go by in pieces of any size.
class StreamTally {
   public:
    /// Error kStream for what is no such stream.
    void add(std::span<const std::byte> bytes);

    /// So far; not those behind a record VERIFY.
    std::uint64_t pages_with_data() const noexcept { return pages_with_data_; }
    std::uint64_t pages_alloc_only() const noexcept { return pages_alloc_only_; }
    /// VERIFY and the pages behind it.
    std::uint64_t bytes_to_verify() const noexcept { return bytes_to_verify_; }

    /// Neither in a header nor in a record: another record may be put in here.
    bool between_records() const noexcept { return next_ == Part::kRecordHeader && have_ == 0; }
    /// END was the last record.
    bool ended() const noexcept { return ended_; }

   private:
    /// What the next bytes are. The bytes of all but kRest are looked at.
    enum class Part { kHeaders, kRecordHeader, kPageDataHeader, kEntry, kRest };
    void take(Part part);
    void take_record_header();
    void take_entry();
    void expect(Part part, std::uint64_t bytes) noexcept;
    template <class T>
    T seen() const noexcept;

    Part next_ = Part::kHeaders;
    std::uint64_t wanted_ = kLongestPart;  ///< bytes of that part
    std::uint64_t have_ = 0;               ///< of them
    static constexpr std::size_t kLongestPart = stream::kImageHeaderBytes + stream::kDomainHeaderBytes;
    std::byte seen_[kLongestPart];

    std::uint64_t entries_left_ = 0;  ///< of this PAGE_DATA record
    std::uint64_t rest_ = 0;          ///< bytes of this record behind that part
    bool verifying_ = false;
    bool ended_ = false;
    std::uint64_t pages_with_data_ = 0;
    std::uint64_t pages_alloc_only_ = 0;
    std::uint64_t bytes_to_verify_ = 0;
};

}  // namespace vmbuddies::xen
