// SPDX-License-Identifier: MIT
#include "process/offer.h"

#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "../core/seed.h"
#include "caught.h"
#include "loopback.h"
#include "process/process_tail.h"

namespace vmbuddies::process {
namespace {

using namespace test;
using vmbuddies::test::below;

Offer good_offer() {
    Workload load;
    load.kind = WorkloadKind::kWaves;
    load.seed = 42;
    load.used_pages = 512;
    load.wws_pages = 100;
    load.hot_pages = 10;
    load.hot_writes_per_second = 1000.5;
    load.cold_writes_per_second = 10;
    load.low_level = 0.25;
    load.period_seconds = 4;
    load.phase = 0.5;
    return {"0123456789abcdef0123456789abcdef", "web-1", 4 << 20, 3 << 20, load};
}

Error refusal(const std::function<void(Offer&)>& spoil) {
    Offer offer = good_offer();
    spoil(offer);
    return caught([&] { Offer::decode(offer.encode().bytes()); });
}

TEST_CASE("an offer is read as it was written") {
    const Offer sent = good_offer();
    const Offer read = Offer::decode(sent.encode().bytes());
    CHECK(read.uuid == sent.uuid);
    CHECK(read.name == sent.name);
    CHECK(read.memory_bytes == sent.memory_bytes);
    CHECK(read.present_bytes == sent.present_bytes);
    CHECK(std::memcmp(&read.workload, &sent.workload, sizeof sent.workload) == 0);
}

TEST_CASE("an offer is little-endian and unpadded on the wire") {
    const WireWriter wire = good_offer().encode();
    const auto bytes = wire.bytes();
    CHECK(bytes.size() == (4 + 32) + (4 + 5) + 8 + 8 + 4 + 4 * 8 + 5 * 8);
    CHECK(bytes[0] == std::byte{32});
    CHECK(bytes[4] == std::byte{'0'});
    CHECK(bytes[45 + 2] == std::byte{0x40});  // 4 MiB
}

TEST_CASE("an offer that no domain can have is refused, field by field") {
    constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    const std::vector<std::function<void(Offer&)>> spoilers = {
        [](Offer& h) { h.uuid = ""; },
        [](Offer& h) { h.uuid.pop_back(); },
        [](Offer& h) { h.uuid[3] = 'g'; },
        [](Offer& h) { h.uuid[31] = '\0'; },
        [](Offer& h) { h.name = ""; },
        [](Offer& h) { h.name = ".hidden"; },
        [](Offer& h) { h.name = "-option"; },
        [](Offer& h) { h.name = "a/b"; },
        [](Offer& h) { h.name = ".."; },
        [](Offer& h) { h.name = std::string("a\0b", 3); },
        [](Offer& h) { h.name = "web--incoming"; },
        [](Offer& h) { h.memory_bytes = 0; },
        [](Offer& h) { h.memory_bytes = (1 << 20) - 4096; },
        [](Offer& h) { h.memory_bytes += 1; },
        [](Offer& h) { h.memory_bytes = (std::uint64_t{1} << 40) + 4096; },
        [](Offer& h) { h.memory_bytes = UINT64_MAX; },
        [](Offer& h) { h.present_bytes = h.memory_bytes + 4096; },
        [](Offer& h) { h.present_bytes = 511 * 4096; },
        [](Offer& h) { h.present_bytes += 1; },
        [](Offer& h) { h.workload.kind = static_cast<WorkloadKind>(4); },
        [](Offer& h) { h.workload.used_pages = 0; },
        [](Offer& h) { h.workload.used_pages = 1025; },
        [](Offer& h) { h.workload.wws_pages = 512; },
        [](Offer& h) { h.workload.hot_pages = 101; },
        [](Offer& h) { h.workload.hot_writes_per_second = -1; },
        [=](Offer& h) { h.workload.hot_writes_per_second = kNan; },
        [=](Offer& h) { h.workload.cold_writes_per_second = kInfinity; },
        [](Offer& h) { h.workload.low_level = 1.5; },
        [=](Offer& h) { h.workload.low_level = kNan; },
        [=](Offer& h) { h.workload.period_seconds = kInfinity; },
        [](Offer& h) { h.workload.period_seconds = 0; },
        [=](Offer& h) { h.workload.phase = kNan; },
    };
    for (std::size_t i = 0; i < spoilers.size(); ++i) {
        CAPTURE(i);
        CHECK(refusal(spoilers[i]).code() == ErrorCode::kArgument);
    }
    CHECK(refusal([](Offer& h) { h.name = std::string(65, 'a'); }).code() == ErrorCode::kStream);
}

TEST_CASE("an offer that is cut or continued is refused at every length") {
    const WireWriter wire = good_offer().encode();
    std::vector<std::byte> bytes(wire.bytes().begin(), wire.bytes().end());
    for (std::size_t length = 0; length < bytes.size(); ++length) {
        CAPTURE(length);
        CHECK(caught([&] { Offer::decode(std::span(bytes).first(length)); }).code() == ErrorCode::kStream);
    }
    bytes.push_back(std::byte{0});
    CHECK(caught([&] { Offer::decode(bytes); }).code() == ErrorCode::kStream);
}

TEST_CASE("no bytes can do worse to an offer than be refused") {
    const std::uint64_t seed = vmbuddies::test::seed();
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    const WireWriter wire = good_offer().encode();
    for (int i = 0; i < 20'000; ++i) {
        std::vector<std::byte> bytes(wire.bytes().begin(), wire.bytes().end());
        for (auto changes = 1 + below(random, 4); changes > 0; --changes) {
            bytes[below(random, bytes.size())] = static_cast<std::byte>(random());
        }
        if (below(random, 4) == 0) bytes = random_bytes(random, below(random, 300));
        try {
            const Offer offer = Offer::decode(bytes);
            CHECK(offer.workload.used_pages * kPageSize <= offer.memory_bytes);
            CHECK(std::isfinite(offer.workload.phase));
        } catch (const Error& error) {
            CHECK((error.code() == ErrorCode::kStream || error.code() == ErrorCode::kArgument));
        }
    }
}

TEST_CASE("a tail is 16 bytes of its own kind") {
    const WireWriter wire = ProcessTail{.writes = 7}.encode();
    CHECK(wire.bytes().size() == 16);
    CHECK(ProcessTail::decode(wire.bytes()).writes == 7);
    CHECK(caught([&] { ProcessTail::decode(wire.bytes().first(15)); }).code() == ErrorCode::kStream);
    std::vector<std::byte> other(wire.bytes().begin(), wire.bytes().end());
    other[0] ^= std::byte{1};
    CHECK(caught([&] { ProcessTail::decode(other); }).code() == ErrorCode::kStream);
    other[0] ^= std::byte{1};
    other.push_back(std::byte{0});
    CHECK(caught([&] { ProcessTail::decode(other); }).code() == ErrorCode::kStream);
}

}  // namespace
}  // namespace vmbuddies::process
