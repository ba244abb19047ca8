// SPDX-License-Identifier: MIT
#include "xen/stream_tally.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "core/error.h"

namespace vmbuddies::xen {
namespace {

using stream::PageType;
using stream::RecordType;

[[noreturn]] void refuse(const std::string& why) {
    throw Error(ErrorCode::kStream, "save", "libxenguest wrote a stream that is none: " + why + ".");
}

}  // namespace

void StreamTally::add(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
        if (ended_ && next_ == Part::kRecordHeader) refuse("something follows END");
        const std::size_t count = std::min<std::uint64_t>(bytes.size(), wanted_ - have_);
        if (next_ != Part::kRest) std::memcpy(seen_ + have_, bytes.data(), count);
        have_ += count;
        bytes = bytes.subspan(count);
        if (have_ == wanted_) take(next_);
    }
}

void StreamTally::take(Part part) {
    switch (part) {
        case Part::kHeaders: {
            const auto image = seen<stream::ImageHeader>();
            const stream::ImageHeader known;
            if (image.marker != known.marker || image.id_be != known.id_be || image.version_be != known.version_be) {
                refuse("it does not begin with the header of version " + std::to_string(stream::kVersion));
            }
            return expect(Part::kRecordHeader, stream::kRecordHeaderBytes);
        }
        case Part::kRecordHeader:
            return take_record_header();
        case Part::kPageDataHeader:
            entries_left_ = seen<stream::PageDataHeader>().count;
            if (rest_ / sizeof(std::uint64_t) < entries_left_)
                refuse("a PAGE_DATA record is too short for its entries");
            rest_ -= entries_left_ * sizeof(std::uint64_t);
            return entries_left_ > 0 ? expect(Part::kEntry, sizeof(std::uint64_t)) : expect(Part::kRest, rest_);
        case Part::kEntry:
            return take_entry();
        case Part::kRest:
            return expect(Part::kRecordHeader, stream::kRecordHeaderBytes);
    }
}

void StreamTally::take_record_header() {
    const auto header = seen<stream::RecordHeader>();
    if (header.length > stream::kMaxRecordBytes) refuse("a record is too long");
    rest_ = (header.length + stream::kRecordAlignment - 1) / stream::kRecordAlignment * stream::kRecordAlignment;
    ended_ = header.type == RecordType::kEnd;
    if (header.type == RecordType::kVerify) verifying_ = true;
    if (header.type != RecordType::kVerify && header.type != RecordType::kPageData) verifying_ = false;
    if (verifying_) bytes_to_verify_ += stream::kRecordHeaderBytes + rest_;
    if (header.type != RecordType::kPageData) return expect(Part::kRest, rest_);
    if (rest_ < sizeof(stream::PageDataHeader)) refuse("a PAGE_DATA record is too short");
    rest_ -= sizeof(stream::PageDataHeader);
    expect(Part::kPageDataHeader, sizeof(stream::PageDataHeader));
}

void StreamTally::take_entry() {
    const auto type = static_cast<PageType>(seen<std::uint64_t>() >> stream::kPageTypeShift);
    // Every other type is a page of a guest, a page table's among them, and has data.
    const bool no_data = type == PageType::kBroken || type == PageType::kAllocOnly || type == PageType::kInvalid;
    if (!verifying_) {
        pages_with_data_ += no_data ? 0 : 1;
        pages_alloc_only_ += type == PageType::kAllocOnly ? 1 : 0;
    }
    --entries_left_;
    return entries_left_ > 0 ? expect(Part::kEntry, sizeof(std::uint64_t)) : expect(Part::kRest, rest_);
}

void StreamTally::expect(Part part, std::uint64_t bytes) noexcept {
    have_ = 0;
    const bool nothing_left = part == Part::kRest && bytes == 0;
    next_ = nothing_left ? Part::kRecordHeader : part;
    wanted_ = nothing_left ? stream::kRecordHeaderBytes : bytes;
}

template <class T>
T StreamTally::seen() const noexcept {
    T value;
    std::memcpy(&value, seen_, sizeof value);
    return value;
}

}  // namespace vmbuddies::xen
