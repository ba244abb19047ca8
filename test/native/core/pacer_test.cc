// SPDX-License-Identifier: MIT
#include "core/pacer.h"

#include <doctest/doctest.h>

#include <chrono>

#include "core/stats.h"
#include "seed.h"

using namespace vmbuddies;
using namespace std::chrono_literals;
using test::below;
using TimePoint = Pacer::TimePoint;

namespace {
constexpr TimePoint kStart{1000s};
constexpr std::uint64_t kMegabyte = 1'000'000;
}  // namespace

TEST_CASE("bytes leave when those before them have passed the link") {
    Pacer pacer(kMegabyte, kStart);
    CHECK(pacer.reserve(5000, kStart) == kStart);
    CHECK(pacer.reserve(3000, kStart) == kStart + 5ms);
    CHECK(pacer.reserve(0, kStart) == kStart + 8ms);
    CHECK(pacer.reserve(0, kStart + 8ms) == kStart + 8ms);
    CHECK(pacer.reserve(1, kStart + 9ms) == kStart + 9ms);
}

TEST_CASE("lateness is given back, up to 100 ms") {
    Pacer pacer(kMegabyte, kStart);
    pacer.reserve(10'000, kStart);
    SUBCASE("all of what is within the bound") {
        // 75 ms late: 75000 bytes may leave at once, the next ones wait.
        CHECK(pacer.reserve(75'000, kStart + 85ms) == kStart + 85ms);
        CHECK(pacer.reserve(1000, kStart + 85ms) == kStart + 85ms);
        CHECK(pacer.reserve(1, kStart + 85ms) == kStart + 86ms);
    }
    SUBCASE("no more than the bound") {
        CHECK(pacer.reserve(100'000, kStart + 10s) == kStart + 10s);
        CHECK(pacer.reserve(1000, kStart + 10s) == kStart + 10s);
        CHECK(pacer.reserve(1, kStart + 10s) == kStart + 10s + 1ms);
    }
}

TEST_CASE("of the time in which there was nothing to send, 20 ms are given back") {
    Pacer pacer(kMegabyte, kStart);
    pacer.reserve(10'000, kStart);
    SUBCASE("all of what is within the bound") {
        pacer.rested(kStart + 25ms);
        CHECK(pacer.reserve(15'000, kStart + 25ms) == kStart + 25ms);
        CHECK(pacer.reserve(1000, kStart + 25ms) == kStart + 25ms);
        CHECK(pacer.reserve(1, kStart + 25ms) == kStart + 26ms);
    }
    SUBCASE("no more than the bound, and lateness from then on") {
        pacer.rested(kStart + 10s);
        CHECK(pacer.reserve(50'000, kStart + 10s + 30ms) == kStart + 10s + 30ms);
        CHECK(pacer.reserve(1, kStart + 10s + 30ms) == kStart + 10s + 30ms);
        CHECK(pacer.reserve(1, kStart + 10s + 30ms) == kStart + 10s + 30ms + 1us);
    }
    SUBCASE("what is booked stays booked") {
        pacer.rested(kStart + 5ms);
        CHECK(pacer.reserve(0, kStart + 5ms) == kStart + 10ms);
    }
}

TEST_CASE("at low rates the bound on credit is two quanta") {
    Pacer pacer(8192, kStart);  // one quantum a second
    CHECK(pacer.reserve(2 * 8192, kStart + 60s) == kStart + 60s);
    CHECK(pacer.reserve(8192, kStart + 60s) == kStart + 60s);
    CHECK(pacer.reserve(8192, kStart + 60s) == kStart + 61s);
}

TEST_CASE("the quantum is 2 ms worth, between two pages and 256 KiB") {
    CHECK(Pacer(1, kStart).quantum() == 8192);
    CHECK(Pacer(5 * kMegabyte, kStart).quantum() == 10'000);
    CHECK(Pacer(50 * kMegabyte, kStart).quantum() == 100'000);
    CHECK(Pacer(5000 * kMegabyte, kStart).quantum() == 256 * 1024);
    CHECK(Pacer(kUnlimited, kStart).quantum() == 256 * 1024);
}

TEST_CASE("without a limit everything leaves at once") {
    Pacer pacer(kUnlimited, kStart);
    for (int i = 0; i < 5; ++i) CHECK(pacer.reserve(UINT64_MAX, kStart) == kStart);
}

TEST_CASE("a new rate re-prices what is booked and not yet due") {
    Pacer pacer(kMegabyte, kStart);
    pacer.reserve(10'000, kStart);
    SUBCASE("faster") {
        pacer.set_rate(4 * kMegabyte, kStart + 2ms);
        CHECK(pacer.rate() == 4 * kMegabyte);
        CHECK(pacer.reserve(0, kStart + 2ms) == kStart + 4ms);
    }
    SUBCASE("slower") {
        pacer.set_rate(kMegabyte / 10, kStart + 2ms);
        CHECK(pacer.reserve(0, kStart + 2ms) == kStart + 82ms);
    }
    SUBCASE("unlimited and back: the debt is forgiven") {
        pacer.set_rate(kUnlimited, kStart + 2ms);
        CHECK(pacer.reserve(0, kStart + 2ms) == kStart + 2ms);
        pacer.set_rate(kMegabyte, kStart + 3ms);
        CHECK(pacer.reserve(1000, kStart + 3ms) == kStart + 3ms);
        CHECK(pacer.reserve(1000, kStart + 3ms) == kStart + 4ms);
    }
    SUBCASE("the same: nothing changes") {
        pacer.set_rate(kMegabyte, kStart + 2ms);
        CHECK(pacer.reserve(0, kStart + 2ms) == kStart + 10ms);
    }
}

TEST_CASE("credit keeps its bytes, not its time, across a new rate") {
    Pacer pacer(kMegabyte, kStart);
    pacer.set_rate(10 * kMegabyte, kStart + 10ms);  // 10 ms of credit: 10000 bytes, 1 ms at the new rate
    CHECK(pacer.reserve(10'000, kStart + 10ms) == kStart + 10ms);
    CHECK(pacer.reserve(10'000, kStart + 10ms) == kStart + 10ms);
    CHECK(pacer.reserve(1, kStart + 10ms) == kStart + 11ms);
}

TEST_CASE("rounding never adds up") {
    Pacer pacer(3, kStart);  // a byte takes 333333333 1/3 ns
    for (int i = 0; i < 3'000'000; ++i) pacer.reserve(1, kStart);
    CHECK(pacer.reserve(0, kStart) == kStart + 1'000'000s);
}

TEST_CASE("at one byte per second nothing overflows") {
    Pacer pacer(1, kStart);
    for (int i = 0; i < 1000; ++i) pacer.reserve(UINT64_MAX, kStart);
    CHECK(pacer.reserve(0, kStart) == kStart + std::chrono::hours(24 * 365));
    pacer.set_rate(kUnlimited - 1, kStart);
    pacer.set_rate(1, kStart);
    CHECK(pacer.reserve(0, kStart) <= kStart + std::chrono::hours(24 * 365));
}

TEST_CASE("the bytes granted never exceed the rate, however late the sender and however often the rate changes") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    for (int trial = 0; trial < 50; ++trial) {
        std::uint64_t rate = 1 + below(random, 600 * kMegabyte);
        TimePoint now = kStart;
        Pacer pacer(rate, now);
        // In billionths of a byte, so that nothing is rounded here either.
        __int128 allowed = 0;
        __int128 granted = 0;
        for (int step = 0; step < 400; ++step) {
            TimePoint next = now + std::chrono::nanoseconds(below(random, 10'000'000));
            if (below(random, 10) == 0) {
                allowed += static_cast<__int128>((next - now).count()) * rate;
                rate = 1 + below(random, 600 * kMegabyte);
                pacer.set_rate(rate, next);
            } else {
                const TimePoint leaves = pacer.reserve(0, next);
                REQUIRE(leaves >= next);
                next = leaves;
                allowed += static_cast<__int128>((next - now).count()) * rate;
                REQUIRE(granted <= allowed);
                const std::uint64_t bytes = below(random, pacer.quantum()) + 1;
                REQUIRE(pacer.reserve(bytes, next) == next);
                granted += static_cast<__int128>(bytes) * 1'000'000'000;
            }
            now = next;
        }
    }
}

TEST_CASE("a sender that oversleeps by less than the bound loses no rate") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    Pacer pacer(50 * kMegabyte, kStart);
    TimePoint now = kStart;
    std::uint64_t granted = 0;
    while (now < kStart + 10s) {
        now = pacer.reserve(0, now) + std::chrono::microseconds(below(random, 19'000));
        do {
            pacer.reserve(pacer.quantum(), now);
            granted += pacer.quantum();
        } while (pacer.reserve(0, now) <= now);
    }
    const auto nanoseconds = static_cast<std::uint64_t>((now - kStart).count());
    const std::uint64_t due = nanoseconds / 20;  // 50 bytes per microsecond
    CHECK(granted > due);
    CHECK(granted <= due + pacer.quantum());
}
