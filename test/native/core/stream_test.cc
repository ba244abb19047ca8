// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/stream_reader.h"
#include "core/stream_writer.h"
#include "scripted_destination.h"
#include "seed.h"

using namespace vmbuddies;
using stream::PageType;
using stream::RecordType;
using test::below;
using Bytes = std::vector<std::byte>;
using Page = StreamWriter::Page;

namespace {

constexpr Pfn kEndPfn = 4096;

/// The head of a stream that has no static data.
void begin(StreamWriter& writer) {
    writer.headers(stream::DomainType::kProcess);
    writer.record(RecordType::kStaticDataEnd, {});
}

/// A writer into memory.
struct Written {
    Bytes bytes;
    int records = 0;
    std::size_t last_parts = 0;
    StreamWriter writer{[this](std::span<const iovec> parts) {
        ++records;
        last_parts = parts.size();
        for (const iovec& part : parts) {
            const auto* begin = static_cast<const std::byte*>(part.iov_base);
            bytes.insert(bytes.end(), begin, begin + part.iov_len);
        }
    }};
};

Bytes guest_memory(Pfn pages) {
    Bytes memory(pages * kPageSize);
    for (std::size_t i = 0; i < memory.size(); ++i) memory[i] = static_cast<std::byte>(i / kPageSize * 7 + i % 251);
    return memory;
}

/// What reading these bytes fails with, or "" if it does not.
std::string failure(const Bytes& bytes, Pfn end_pfn = kEndPfn) {
    test::RestoredMemory restored(kEndPfn);
    test::BytesSource source(bytes);
    try {
        StreamReader(source, restored, stream::DomainType::kProcess, end_pfn).run();
        return "";
    } catch (const Error& error) {
        CHECK(error.code() == (std::string(error.what()) == "The link broke." ? ErrorCode::kPeer : ErrorCode::kStream));
        return error.what();
    }
}

void patch(Bytes& bytes, std::size_t at, auto value) { std::memcpy(bytes.data() + at, &value, sizeof value); }

constexpr std::size_t kFirstRecord = 48;  // after the headers and STATIC_DATA_END

std::uint64_t entry(Pfn pfn, PageType type) { return static_cast<std::uint64_t>(type) << stream::kPageTypeShift | pfn; }

/// Headers, a batch of pages 5, 6 (data), 9 (zero) and END.
Bytes small_stream() {
    const Bytes memory = guest_memory(2);
    Written written;
    begin(written.writer);
    const Page pages[] = {{5, memory.data(), PageType::kNormal},
                          {6, memory.data() + kPageSize, PageType::kNormal},
                          {9, nullptr, PageType::kAllocOnly}};
    written.writer.pages(pages);
    written.writer.end();
    return written.bytes;
}

/// Headers, one record with this head and body, END.
Bytes with_record(std::uint32_t type, std::uint32_t length, const std::string& body = "") {
    Written written;
    begin(written.writer);
    const auto append = [&](const void* data, std::size_t size) {
        const auto* begin = static_cast<const std::byte*>(data);
        written.bytes.insert(written.bytes.end(), begin, begin + size);
    };
    append(&type, 4);
    append(&length, 4);
    append(body.data(), body.size());
    written.writer.end();
    return written.bytes;
}

}  // namespace

TEST_CASE("headers are laid out as Xen's stream format says") {
    Written written;
    written.writer.headers(stream::DomainType::kX86Hvm, 4, 17);
    written.writer.record(RecordType::kStaticDataEnd, {});
    const unsigned char expected[48] = {
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 'X', 'E', 'N', 'F', 0,  0, 0, 3, 0,    0, 0, 0, 0, 0, 0, 0,
        2,    0,    0,    0,    12,   0,    0,    0,    4,   0,   0,   0,   17, 0, 0, 0, 0x10, 0, 0, 0, 0, 0, 0, 0};
    REQUIRE(written.bytes.size() == sizeof expected);
    CHECK(std::memcmp(written.bytes.data(), expected, sizeof expected) == 0);
    CHECK(written.writer.bytes() == sizeof expected);
    CHECK(written.records == 2);
}

TEST_CASE("a batch is one record, and neighbours in memory are one part") {
    const Bytes memory = guest_memory(4);
    Written written;
    const Page pages[] = {{1, memory.data(), PageType::kNormal},
                          {2, memory.data() + kPageSize, PageType::kNormal},
                          {3, nullptr, PageType::kAllocOnly},
                          {7, memory.data() + 3 * kPageSize, PageType::kNormal}};
    written.writer.pages(pages);
    CHECK(written.records == 1);
    CHECK(written.bytes.size() == 8 + 8 + 4 * 8 + 3 * kPageSize);
    CHECK(written.last_parts <= 5);
    std::uint64_t entries[4];
    std::memcpy(entries, written.bytes.data() + 16, sizeof entries);
    CHECK(entries[0] == 1);
    CHECK(entries[2] == 0xe000000000000003);
    CHECK(entries[3] == 7);
}

TEST_CASE("records are padded with zeros to 8 bytes") {
    for (std::size_t size = 0; size <= 16; ++size) {
        Written written;
        const Bytes body(size, std::byte{0xff});
        written.writer.record(RecordType::kProcessTail, body);
        CHECK(written.bytes.size() == 8 + (size + 7) / 8 * 8);
        for (std::size_t i = 8 + size; i < written.bytes.size(); ++i) CHECK(written.bytes[i] == std::byte{0});
    }
}

TEST_CASE("a writer refuses what no reader would accept") {
    const Bytes memory = guest_memory(1);
    Written written;
    const auto refuses = [&](std::vector<Page> pages) {
        try {
            written.writer.pages(pages);
            return false;
        } catch (const Error& error) {
            return error.code() == ErrorCode::kArgument;
        }
    };
    CHECK(refuses({}));
    CHECK(refuses(std::vector<Page>(1025, Page{0, nullptr, PageType::kAllocOnly})));
    CHECK(refuses({{0, nullptr, PageType::kNormal}}));
    CHECK(refuses({{0, memory.data(), PageType::kAllocOnly}}));
    CHECK(refuses({{std::uint64_t{1} << 52, nullptr, PageType::kAllocOnly}}));
    CHECK(written.bytes.empty());
}

TEST_CASE("a reader restores what a writer wrote, reading every run in place") {
    const Bytes bytes = small_stream();
    test::RestoredMemory restored(kEndPfn);
    test::BytesSource source(bytes);
    StreamReader reader(source, restored, stream::DomainType::kProcess, kEndPfn);
    reader.run();
    CHECK(restored.placed == decltype(restored.placed){{5, 2}});
    CHECK(restored.zeroed == decltype(restored.zeroed){{9, 1}});
    CHECK(std::memcmp(restored.page(5), guest_memory(2).data(), 2 * kPageSize) == 0);
    CHECK(reader.bytes() == bytes.size());
    CHECK(reader.pages() == 3);
    CHECK(source.reads == 2 + 1 + 4 + 1);  // headers, STATIC_DATA_END, PAGE_DATA with one gather read, END
}

TEST_CASE("random batches come back as they were") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    const Bytes memory = guest_memory(kEndPfn);
    for (int trial = 0; trial < 20; ++trial) {
        Written written;
        begin(written.writer);
        Bitmap with_data(kEndPfn);
        Bitmap zeros(kEndPfn);
        std::vector<Page> batch;
        for (Pfn page = below(random, 30); page < kEndPfn;
             page += 1 + (below(random, 3) == 0 ? below(random, 40) : 0)) {
            const auto kind = below(random, 5);
            if (kind == 0) {
                batch.push_back({page, nullptr, PageType::kInvalid});
            } else if (kind == 1) {
                batch.push_back({page, nullptr, PageType::kAllocOnly});
                zeros.set(page);
            } else {
                batch.push_back({page, memory.data() + page * kPageSize, PageType::kNormal});
                with_data.set(page);
            }
            if (batch.size() == stream::kMaxBatch || below(random, 100) == 0) {
                written.writer.pages(batch);
                batch.clear();
            }
        }
        if (!batch.empty()) written.writer.pages(batch);
        written.writer.end();

        test::RestoredMemory restored(kEndPfn);
        test::BytesSource source(written.bytes);
        StreamReader reader(source, restored, stream::DomainType::kProcess, kEndPfn);
        reader.run();
        Pfn wrong = 0;
        for (Pfn page = 0; page < kEndPfn; ++page) {
            const bool expected = with_data.test(page);
            wrong += restored.restored.test(page) != (expected || zeros.test(page));
            if (expected) wrong += std::memcmp(restored.page(page), memory.data() + page * kPageSize, kPageSize) != 0;
        }
        CHECK(wrong == 0);
        CHECK(reader.pages() == with_data.count() + zeros.count());
    }
}

TEST_CASE("wrong headers are refused by name") {
    const auto patched = [](std::size_t at, auto value) {
        Bytes bytes = small_stream();
        patch(bytes, at, value);
        return failure(bytes);
    };
    const std::string wrong = "The stream's header is wrong: ";
    CHECK(patched(0, std::uint64_t{0}) == wrong + "it is no migration stream.");
    CHECK(patched(8, std::uint32_t{0}) == wrong + "it is no migration stream.");
    CHECK(patched(12, __builtin_bswap32(2)) == wrong + "version 2, not 3.");
    CHECK(patched(16, std::uint16_t{0x0100}) == wrong + "it is big-endian or has unknown options.");
    CHECK(patched(20, std::uint8_t{1}) == wrong + "reserved bytes are not zero.");
    CHECK(patched(24, std::uint32_t{2}) == wrong + "the domain's type is 0x2, not 0x70726f63.");
    CHECK(patched(28, std::uint16_t{13}) == wrong + "its pages have 2^13 bytes.");
    CHECK(patched(30, std::uint16_t{1}) == wrong + "reserved bytes are not zero.");
}

TEST_CASE("wrong batches are refused, naming the record and its offset") {
    const auto patched = [](std::size_t at, auto value) {
        Bytes bytes = small_stream();
        patch(bytes, kFirstRecord + at, value);
        return failure(bytes);
    };
    const std::string wrong = "Record 1 (PAGE_DATA) at byte 48 is wrong: ";
    CHECK(patched(4, std::uint32_t{7}) == wrong + "it is too short.");
    CHECK(patched(4, std::uint32_t{31}) == wrong + "it is too short for its 3 entries.");
    CHECK(patched(4, std::uint32_t{32}) == wrong + "its length, 32, is not that of 3 entries and 2 pages.");
    CHECK(patched(4, UINT32_MAX) == wrong + "its length, 4294967295, is not that of 3 entries and 2 pages.");
    CHECK(patched(8, std::uint32_t{0}) == wrong + "it has 0 entries, not 1 to 1024.");
    CHECK(patched(8, std::uint32_t{1025}) == wrong + "it has 1025 entries, not 1 to 1024.");
    CHECK(patched(12, std::uint32_t{1}) == wrong + "reserved bytes are not zero.");
    CHECK(patched(16, entry(kEndPfn, PageType::kNormal)) == wrong + "entry 0, 0x1000, is past the domain's last page.");
    CHECK(patched(16, entry(5, PageType::kBroken)) ==
          wrong + "entry 0, 0xd000000000000005, is of a type that cannot be restored.");
    CHECK(patched(16, entry(5, static_cast<PageType>(1))) ==
          wrong + "entry 0, 0x1000000000000005, is of a type that cannot be restored.");
    CHECK(patched(16, std::uint64_t{1} << 52) == wrong + "entry 0, 0x10000000000000, has reserved bits.");
    CHECK(patched(24, entry(5, PageType::kNormal)) == wrong + "entry 1, 0x5, does not ascend.");
    CHECK(failure(small_stream(), 9) == wrong + "entry 2, 0xe000000000000009, is past the domain's last page.");
    CHECK(failure(small_stream(), 10) == "");
}

TEST_CASE("records out of order, unknown, too long or badly padded are refused") {
    const std::string at48 = " at byte 48 is wrong: ";
    CHECK(failure(with_record(0x10, 0)) == "Record 1 (STATIC_DATA_END)" + at48 + "there was one before.");
    CHECK(failure(with_record(0x00, 8)) == "Record 1 (END)" + at48 + "its 8 bytes are more than 0.");
    CHECK(failure(with_record(0x0b, 0)) == "Record 1 (type 0xb)" + at48 + "it is mandatory and unknown.");
    CHECK(failure(with_record(0x80000050, (1u << 20) + 1)) ==
          "Record 1 (PROCESS_TAIL)" + at48 + "its 1048577 bytes are more than 1048576.");
    CHECK(failure(with_record(0x80000099, UINT32_MAX)) ==
          "Record 1 (type 0x80000099)" + at48 + "its 4294967295 bytes are more than 1048576.");
    CHECK(failure(with_record(0x80000050, 1, std::string("x\0\0\0\0\0\0y", 8))) ==
          "Record 1 (PROCESS_TAIL)" + at48 + "its padding is not zero.");

    for (const auto& [type, name] : {std::pair{0x00u, "END"}, {0x01u, "PAGE_DATA"}, {0x80000050u, "PROCESS_TAIL"}}) {
        Bytes bytes = with_record(0, 0);
        patch(bytes, 40, type);
        CHECK(failure(bytes) ==
              "Record 0 (" + std::string(name) + ") at byte 40 is wrong: it precedes STATIC_DATA_END.");
    }
}

TEST_CASE("optional records that are unknown are skipped, the tail is handed over whole") {
    Written written;
    begin(written.writer);
    written.writer.record(RecordType::kHeartbeat, {});
    written.writer.record(static_cast<RecordType>(0x80000777), std::as_bytes(std::span("unknown")));
    written.writer.record(RecordType::kProcessTail, std::as_bytes(std::span("hello", 5)));
    written.writer.end();
    test::RestoredMemory restored(kEndPfn);
    test::BytesSource source(written.bytes);
    StreamReader(source, restored, stream::DomainType::kProcess, kEndPfn).run();
    CHECK(source.left() == 0);
    CHECK(restored.records == decltype(restored.records){{RecordType::kProcessTail, "hello"}});
}

TEST_CASE("no page may follow the tail") {
    Written written;
    const Page page{1, nullptr, PageType::kAllocOnly};
    begin(written.writer);
    written.writer.record(RecordType::kProcessTail, {});
    written.writer.pages({&page, 1});
    written.writer.end();
    CHECK(failure(written.bytes) == "Record 2 (PAGE_DATA) at byte 56 is wrong: it follows the tail.");
}

TEST_CASE("a stream cut short anywhere is a broken link") {
    const Bytes bytes = small_stream();
    for (std::size_t length = 0; length < bytes.size(); length += length < 100 ? 1 : 997) {
        CHECK(failure(Bytes(bytes.begin(), bytes.begin() + static_cast<long>(length))) == "The link broke.");
    }
    CHECK(failure(bytes) == "");
}

TEST_CASE("nothing is read past END") {
    Bytes bytes = small_stream();
    bytes.resize(bytes.size() + 100);
    test::RestoredMemory restored(kEndPfn);
    test::BytesSource source(bytes);
    StreamReader(source, restored, stream::DomainType::kProcess, kEndPfn).run();
    CHECK(source.left() == 100);
}
