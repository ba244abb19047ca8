// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "../core/seed.h"
#include "core/error.h"
#include "core/stream_writer.h"
#include "xen/stream_tally.h"

using namespace vmbuddies;
using stream::PageType;
using stream::RecordType;
using xen::StreamTally;

namespace {

struct Stream {
    std::vector<std::byte> bytes;
    StreamWriter writer{[this](std::span<const iovec> parts) {
        for (const iovec& part : parts) {
            const auto* begin = static_cast<const std::byte*>(part.iov_base);
            bytes.insert(bytes.end(), begin, begin + part.iov_len);
        }
    }};
    std::vector<std::byte> page = std::vector<std::byte>(kPageSize, std::byte{0xff});

    void pages(std::uint64_t present, PageType absent_type, std::uint64_t absent) {
        std::vector<StreamWriter::Page> entries;
        for (Pfn pfn = 0; pfn < present + absent; ++pfn) {
            if (pfn < present) entries.push_back({pfn, page.data(), PageType::kNormal});
            if (pfn >= present) entries.push_back({pfn, nullptr, absent_type});
        }
        writer.pages(entries);
    }
};

ErrorCode refusal_of(const std::vector<std::byte>& bytes) {
    StreamTally tally;
    try {
        tally.add(bytes);
    } catch (const Error& error) {
        return error.code();
    }
    return ErrorCode::kState;
}

}  // namespace

TEST_CASE("a stream is counted alike in pieces of any size") {
    Stream stream;
    stream.writer.headers(stream::DomainType::kX86Pv, 4, 17);
    stream.writer.record(RecordType::kStaticDataEnd, {});
    stream.pages(3, PageType::kInvalid, 5);
    stream.pages(0, PageType::kAllocOnly, 4);
    stream.pages(2, PageType::kBroken, 1);
    stream.writer.record(static_cast<RecordType>(8), std::vector<std::byte>(13));
    const std::size_t before_verify = stream.bytes.size();
    stream.writer.record(RecordType::kVerify, {});
    stream.pages(7, PageType::kAllocOnly, 1);
    const std::size_t after_verify = stream.bytes.size();
    stream.writer.record(static_cast<RecordType>(9), std::vector<std::byte>(1));
    stream.writer.end();

    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    for (int attempt = 0; attempt < 50; ++attempt) {
        StreamTally tally;
        CHECK_FALSE(tally.between_records());
        for (std::size_t at = 0; at < stream.bytes.size();) {
            CHECK_FALSE(tally.ended());
            const std::size_t most = test::below(random, 3) == 0 ? 5000 : 9;
            const std::size_t count = std::min<std::size_t>(1 + test::below(random, most), stream.bytes.size() - at);
            tally.add(std::span(stream.bytes).subspan(at, count));
            at += count;
            if (at == before_verify || at == after_verify) CHECK(tally.between_records());
        }
        CHECK(tally.ended());
        CHECK(tally.between_records());
        CHECK(tally.pages_with_data() == 3 + 2);
        CHECK(tally.pages_alloc_only() == 4);
        CHECK(tally.bytes_to_verify() == after_verify - before_verify);
    }
}

TEST_CASE("in a record it is not between records") {
    Stream stream;
    stream.writer.headers(stream::DomainType::kX86Hvm, 4, 17);
    StreamTally tally;
    tally.add(stream.bytes);
    CHECK(tally.between_records());
    stream.bytes.clear();
    stream.pages(1, PageType::kNormal, 0);
    for (std::size_t at = 0; at + 1 < stream.bytes.size(); ++at) {
        tally.add(std::span(stream.bytes).subspan(at, 1));
        if (tally.between_records()) FAIL("at byte " << at);
    }
    tally.add(std::span(stream.bytes).last(1));
    CHECK(tally.between_records());
}

TEST_CASE("what is no stream is refused") {
    Stream good;
    good.writer.headers(stream::DomainType::kX86Hvm, 4, 17);
    CHECK(refusal_of(good.bytes) == ErrorCode::kState);
    const auto with = [&](std::size_t at, std::uint8_t value) {
        std::vector<std::byte> bytes = good.bytes;
        bytes.resize(std::max(bytes.size(), at + 1));
        bytes[at] = std::byte{value};
        return bytes;
    };
    CHECK(refusal_of(with(0, 0)) == ErrorCode::kStream);          // marker
    CHECK(refusal_of(with(9, 0)) == ErrorCode::kStream);          // id
    CHECK(refusal_of(with(15, 2)) == ErrorCode::kStream);         // version
    CHECK(refusal_of(with(40 + 7, 0x80)) == ErrorCode::kStream);  // a record of 2 GiB
    std::vector<std::byte> short_pages = with(40, 1);             // PAGE_DATA
    short_pages.resize(48);
    CHECK(refusal_of(short_pages) == ErrorCode::kStream);  // without room for its count
    short_pages[44] = std::byte{16};
    short_pages.resize(56);
    short_pages[48] = std::byte{2};  // two entries in 8 bytes
    CHECK(refusal_of(short_pages) == ErrorCode::kStream);
    good.writer.end();
    CHECK(refusal_of(good.bytes) == ErrorCode::kState);
    good.bytes.push_back(std::byte{0});
    CHECK(refusal_of(good.bytes) == ErrorCode::kStream);  // something behind END
}
