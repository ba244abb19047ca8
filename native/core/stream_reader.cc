// SPDX-License-Identifier: MIT
#include "stream_reader.h"

#include <algorithm>
#include <cstdio>

#include "error.h"

namespace vmbuddies {
namespace {

using stream::PageType;
using stream::RecordType;

PageType type_of(std::uint64_t entry) noexcept { return static_cast<PageType>(entry >> stream::kPageTypeShift); }
Pfn pfn_of(std::uint64_t entry) noexcept { return entry & stream::kPfnMask; }

std::string hex(std::uint64_t value) {
    char buffer[19];
    std::snprintf(buffer, sizeof buffer, "0x%llx", static_cast<unsigned long long>(value));
    return buffer;
}

std::string record_name(RecordType type) {
    switch (type) {
        case RecordType::kEnd:
            return "END";
        case RecordType::kPageData:
            return "PAGE_DATA";
        case RecordType::kX86TscInfo:
            return "X86_TSC_INFO";
        case RecordType::kHvmContext:
            return "HVM_CONTEXT";
        case RecordType::kHvmParams:
            return "HVM_PARAMS";
        case RecordType::kVerify:
            return "VERIFY";
        case RecordType::kStaticDataEnd:
            return "STATIC_DATA_END";
        case RecordType::kX86CpuidPolicy:
            return "X86_CPUID_POLICY";
        case RecordType::kX86MsrPolicy:
            return "X86_MSR_POLICY";
        case RecordType::kHeartbeat:
            return "HEARTBEAT";
        case RecordType::kProcessTail:
            return "PROCESS_TAIL";
    }
    return "type " + hex(static_cast<std::uint32_t>(type));
}

// Calls visit(first, count) for every maximal run of neighbouring pages of this type.
template <class Visit>
void for_each_run(std::span<const std::uint64_t> entries, PageType type, Visit&& visit) {
    for (std::size_t i = 0; i < entries.size();) {
        std::size_t end = i + 1;
        // The types are equal too where two whole entries differ by one for each step.
        while (end < entries.size() && entries[end] == entries[i] + (end - i)) ++end;
        if (type_of(entries[i]) == type) visit(pfn_of(entries[i]), end - i);
        i = end;
    }
}

}  // namespace

StreamReader::StreamReader(Source& source, StreamHandler& handler, stream::DomainType type, Pfn end_pfn)
    : source_(source), handler_(handler), type_(type), end_pfn_(std::min(end_pfn, stream::kPfnMask + 1)) {}

void StreamReader::run() {
    read_headers();
    for (;; ++record_) {
        read_record();
        if (header_.type == RecordType::kEnd) return;
    }
}

void StreamReader::read_headers() {
    const auto refuse = [](const std::string& why) {
        throw Error(ErrorCode::kStream, "read stream", "The stream's header is wrong: " + why + ".");
    };
    const stream::ImageHeader expected;
    stream::ImageHeader image;
    read(&image, sizeof image);
    if (image.marker != expected.marker || image.id_be != expected.id_be) refuse("it is no migration stream");
    if (image.version_be != expected.version_be) {
        refuse("version " + std::to_string(__builtin_bswap32(image.version_be)) + ", not 3");
    }
    if (image.options_be != 0) refuse("it is big-endian or has unknown options");
    if (!std::ranges::equal(image.reserved, expected.reserved)) refuse("reserved bytes are not zero");

    stream::DomainHeader domain;
    read(&domain, sizeof domain);
    if (domain.type != type_) {
        refuse("the domain's type is " + hex(static_cast<std::uint32_t>(domain.type)) + ", not " +
               hex(static_cast<std::uint32_t>(type_)));
    }
    if (domain.page_shift != kPageShift) refuse("its pages have 2^" + std::to_string(domain.page_shift) + " bytes");
    if (domain.reserved != 0) refuse("reserved bytes are not zero");
}

void StreamReader::read_record() {
    record_at_ = bytes_;
    read(&header_, sizeof header_);
    switch (header_.type) {
        case RecordType::kStaticDataEnd:
            if (phase_ != Phase::kStaticData) refuse("there was one before");
            read_body(0);
            phase_ = Phase::kPages;
            return;
        case RecordType::kPageData:
            if (phase_ == Phase::kTail) refuse("it follows the tail");
            require_static_data_end();
            read_page_data();
            return;
        case RecordType::kProcessTail:
            require_static_data_end();
            read_body(kMaxTailBytes);
            handler_.record(header_.type, body_);
            phase_ = Phase::kTail;
            return;
        case RecordType::kEnd:
            require_static_data_end();
            read_body(0);
            return;
        case RecordType::kX86TscInfo:
        case RecordType::kHvmContext:
        case RecordType::kHvmParams:
        case RecordType::kVerify:
        case RecordType::kX86CpuidPolicy:
        case RecordType::kX86MsrPolicy:
        case RecordType::kHeartbeat:
            break;
    }
    if ((static_cast<std::uint32_t>(header_.type) & stream::kOptional) == 0) refuse("it is mandatory and unknown");
    read_body(kMaxTailBytes);
}

void StreamReader::require_static_data_end() const {
    if (phase_ == Phase::kStaticData) refuse("it precedes STATIC_DATA_END");
}

void StreamReader::read_page_data() {
    stream::PageDataHeader head;
    if (header_.length < sizeof head) refuse("it is too short");
    read(&head, sizeof head);
    if (head.count < 1 || head.count > stream::kMaxBatch) {
        refuse("it has " + std::to_string(head.count) + " entries, not 1 to " + std::to_string(stream::kMaxBatch));
    }
    if (head.reserved != 0) refuse("reserved bytes are not zero");
    const std::size_t before_data = sizeof head + head.count * sizeof(std::uint64_t);
    if (header_.length < before_data) refuse("it is too short for its " + std::to_string(head.count) + " entries");
    entries_.resize(head.count);
    read_entries();
    const auto with_data = static_cast<std::size_t>(
        std::ranges::count_if(entries_, [](std::uint64_t entry) { return type_of(entry) == PageType::kNormal; }));
    if (header_.length != before_data + with_data * kPageSize) {
        refuse("its length, " + std::to_string(header_.length) + ", is not that of " + std::to_string(head.count) +
               " entries and " + std::to_string(with_data) + " pages");
    }
    read_runs();
}

void StreamReader::read_entries() {
    read(entries_.data(), entries_.size() * sizeof(std::uint64_t));
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        const std::uint64_t entry = entries_[i];
        if (const char* why = flaw(entry)) refuse("entry " + std::to_string(i) + ", " + hex(entry) + ", " + why);
        if (i > 0 && pfn_of(entry) <= pfn_of(entries_[i - 1])) {
            refuse("entry " + std::to_string(i) + ", " + hex(entry) + ", does not ascend");
        }
    }
}

const char* StreamReader::flaw(std::uint64_t entry) const noexcept {
    const Pfn pfn = pfn_of(entry);
    if (entry != (pfn | static_cast<std::uint64_t>(type_of(entry)) << stream::kPageTypeShift))
        return "has reserved bits";
    if (pfn >= end_pfn_) return "is past the domain's last page";
    switch (type_of(entry)) {
        case PageType::kNormal:
        case PageType::kAllocOnly:
        case PageType::kInvalid:
            return nullptr;
        case PageType::kBroken:
            break;
    }
    return "is of a type that cannot be restored";
}

void StreamReader::read_runs() {
    parts_.clear();
    const std::span<const std::uint64_t> entries = entries_;
    std::size_t bytes = 0;
    for_each_run(entries, PageType::kNormal, [&](Pfn first, std::uint64_t count) {
        parts_.push_back({handler_.place(first, count), count * kPageSize});
        bytes += count * kPageSize;
        pages_ += count;
    });
    for_each_run(entries, PageType::kAllocOnly, [&](Pfn first, std::uint64_t count) {
        handler_.zero(first, count);
        pages_ += count;
    });
    if (parts_.empty()) return;
    source_.read(parts_);
    bytes_ += bytes;
}

void StreamReader::read_body(std::uint32_t max_bytes) {
    if (header_.length > max_bytes) {
        refuse("its " + std::to_string(header_.length) + " bytes are more than " + std::to_string(max_bytes));
    }
    body_.resize(header_.length);
    if (!body_.empty()) read(body_.data(), body_.size());
    std::uint64_t padding = 0;
    const std::size_t padding_bytes = -body_.size() % stream::kRecordAlignment;
    if (padding_bytes > 0) read(&padding, padding_bytes);
    if (padding != 0) refuse("its padding is not zero");
}

void StreamReader::read(void* into, std::size_t bytes) {
    iovec part{into, bytes};
    source_.read({&part, 1});
    bytes_ += bytes;
}

void StreamReader::refuse(const std::string& why) const {
    throw Error(ErrorCode::kStream, "read stream",
                "Record " + std::to_string(record_) + " (" + record_name(header_.type) + ") at byte " +
                    std::to_string(record_at_) + " is wrong: " + why + ".");
}

}  // namespace vmbuddies
