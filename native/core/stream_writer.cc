// SPDX-License-Identifier: MIT
#include "stream_writer.h"

#include <string>

#include "error.h"

namespace vmbuddies {
namespace {

[[noreturn]] void refuse(const std::string& message) { throw Error(ErrorCode::kArgument, "write stream", message); }

}  // namespace

void StreamWriter::headers(stream::DomainType type, std::uint32_t xen_major, std::uint32_t xen_minor) {
    const stream::ImageHeader image;
    const stream::DomainHeader domain{
        .type = type, .page_shift = kPageShift, .xen_major = xen_major, .xen_minor = xen_minor};
    add(&image, sizeof image);
    add(&domain, sizeof domain);
    emit();
}

void StreamWriter::pages(std::span<const Page> pages) {
    if (pages.empty() || pages.size() > stream::kMaxBatch) {
        refuse("A PAGE_DATA record holds 1 to " + std::to_string(stream::kMaxBatch) + " pages, not " +
               std::to_string(pages.size()) + ".");
    }
    entries_.clear();
    std::uint32_t with_data = 0;
    for (const Page& page : pages) {
        if ((page.data != nullptr) != (page.type == stream::PageType::kNormal) || page.pfn > stream::kPfnMask) {
            refuse("Page " + std::to_string(page.pfn) +
                   " has a number too large, or a type that contradicts its data.");
        }
        if (page.data != nullptr) ++with_data;
        entries_.push_back(static_cast<std::uint64_t>(page.type) << stream::kPageTypeShift | page.pfn);
    }
    const stream::PageDataHeader head{.count = static_cast<std::uint32_t>(pages.size())};
    const auto entry_bytes = static_cast<std::uint32_t>(entries_.size() * sizeof(std::uint64_t));
    const stream::RecordHeader header{
        stream::RecordType::kPageData,
        static_cast<std::uint32_t>(sizeof head) + entry_bytes + with_data * static_cast<std::uint32_t>(kPageSize)};
    add(&header, sizeof header);
    add(&head, sizeof head);
    add(entries_.data(), entry_bytes);
    for (const Page& page : pages) {
        if (page.data != nullptr) add(page.data, kPageSize);
    }
    emit();
}

void StreamWriter::record(stream::RecordType type, std::span<const std::byte> body) {
    if (body.size() > stream::kMaxRecordBytes)
        refuse("A record of " + std::to_string(body.size()) + " bytes is too long.");
    static constexpr std::byte kZeros[stream::kRecordAlignment] = {};
    const stream::RecordHeader header{type, static_cast<std::uint32_t>(body.size())};
    add(&header, sizeof header);
    add(body.data(), body.size());
    add(kZeros, -body.size() % stream::kRecordAlignment);
    emit();
}

void StreamWriter::end() { record(stream::RecordType::kEnd, {}); }

void StreamWriter::add(const void* data, std::size_t bytes) {
    if (bytes == 0) return;
    if (!parts_.empty()) {
        iovec& last = parts_.back();
        if (static_cast<const std::byte*>(last.iov_base) + last.iov_len == data) {
            last.iov_len += bytes;
            return;
        }
    }
    parts_.push_back({const_cast<void*>(data), bytes});
}

void StreamWriter::emit() {
    std::size_t bytes = 0;
    for (const iovec& part : parts_) bytes += part.iov_len;
    sink_(parts_);
    parts_.clear();
    bytes_ += bytes;
}

}  // namespace vmbuddies
