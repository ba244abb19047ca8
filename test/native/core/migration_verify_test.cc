// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <cstring>

#include "core/migration.h"
#include "scripted_migration.h"

using namespace vmbuddies;
using test::ScriptedMigration;

namespace {

template <class T>
T at(const std::vector<std::byte>& bytes, std::size_t offset) {
    T value;
    REQUIRE(offset + sizeof value <= bytes.size());
    std::memcpy(&value, bytes.data() + offset, sizeof value);
    return value;
}

/// The records of a stream in order: "PAGE_DATA 3-5 " for entries with data, "PAGE_DATA (3-5) " for those without.
std::string records_of(const std::vector<std::byte>& bytes) {
    std::string records;
    std::size_t offset = stream::kImageHeaderBytes + stream::kDomainHeaderBytes;
    while (offset < bytes.size()) {
        const auto header = at<stream::RecordHeader>(bytes, offset);
        const std::size_t body = offset + sizeof header;
        switch (header.type) {
            case stream::RecordType::kPageData: {
                const auto count = at<stream::PageDataHeader>(bytes, body).count;
                const auto entry = [&](std::size_t i) { return at<std::uint64_t>(bytes, body + 8 + i * 8); };
                const std::string range = std::to_string(entry(0) & stream::kPfnMask) + "-" +
                                          std::to_string(entry(count - 1) & stream::kPfnMask);
                const bool data = entry(0) >> stream::kPageTypeShift == 0;
                records += "PAGE_DATA " + (data ? range : "(" + range + ")") + "; ";
                break;
            }
            case stream::RecordType::kStaticDataEnd:
                records += "STATIC_DATA_END; ";
                break;
            case stream::RecordType::kVerify:
                records += "VERIFY; ";
                CHECK(header.length == 0);
                break;
            case stream::RecordType::kProcessTail:
                records += "tail; ";
                break;
            case stream::RecordType::kEnd:
                records += "END; ";
                break;
            default:
                records += "?; ";
        }
        offset = body + (header.length + 7) / 8 * 8;
    }
    CHECK(offset == bytes.size());
    return records;
}

}  // namespace

TEST_CASE("to verify, every present page follows the last round once more, behind VERIFY and before the tail") {
    ScriptedMigration m(10, {.stop_rule = {.name = "one", .max_rounds = 1}, .verify = true});
    m.domain.present.clear(9);
    bool written = false;
    m.script = [&](const std::string& call) {
        if (call == "dirty_count" && !std::exchange(written, true)) m.domain.write_range(2, 5, 7);
    };
    const Outcome outcome = m.migration->run();
    CHECK(records_of(m.destination.received) ==
          "STATIC_DATA_END; PAGE_DATA 0-8; PAGE_DATA 2-4; VERIFY; PAGE_DATA 0-8; tail; END; ");
    CHECK(outcome.sent_bytes == m.destination.received.size());
    CHECK(outcome.sent_pages == 9 + 3);
    REQUIRE(outcome.rounds.size() == 2);
    CHECK(outcome.rounds[1].sent_pages == 3);
    CHECK(outcome.rounds[1].sent_bytes == 16 + 3 * (8 + 4096) + 16 + 8);
    // The rounds are everything but the headers, STATIC_DATA_END, and VERIFY with its pages.
    CHECK(outcome.rounds[0].sent_bytes + outcome.rounds[1].sent_bytes ==
          outcome.sent_bytes - (24 + 16 + 8) - (8 + 16 + 9 * (8 + 4096)));
}

TEST_CASE("to verify, pages of zeros travel with data") {
    ScriptedMigration m(4, {.stop_rule = StopRule::xen_modern(), .verify = true});
    m.domain.write_range(0, 4, 0);
    m.migration->run();
    CHECK(records_of(m.destination.received) == "STATIC_DATA_END; PAGE_DATA (0-3); VERIFY; PAGE_DATA 0-3; tail; END; ");
}

TEST_CASE("without a wish to verify nothing is sent twice") {
    ScriptedMigration m(4);
    m.migration->run();
    CHECK(records_of(m.destination.received) == "STATIC_DATA_END; PAGE_DATA 0-3; tail; END; ");
}
