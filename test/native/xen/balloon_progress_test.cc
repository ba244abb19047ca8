// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <chrono>

#include "xen/balloon_progress.h"

namespace vmbuddies::xen::test {
namespace {

using namespace std::chrono_literals;
const BalloonProgress::TimePoint kStart{1h};

TEST_CASE("a guest has settled when it is within 1 MiB of its target, from either side") {
    BalloonProgress down(10'000, 30'000, kStart);
    CHECK(!down.settled(20'000, kStart + 1s));
    CHECK(!down.settled(10'257, kStart + 2s));
    CHECK(down.settled(10'256, kStart + 3s));
    BalloonProgress up(30'000, 10'000, kStart);
    CHECK(!up.settled(29'743, kStart + 1s));
    CHECK(up.settled(29'744, kStart + 2s));
}

TEST_CASE("a guest that makes no headway for four seconds has settled where it is") {
    BalloonProgress progress(10'000, 30'000, kStart);
    CHECK(!progress.settled(30'000, kStart + 3999ms));
    CHECK(progress.settled(30'000, kStart + 4s));
}

TEST_CASE("every step that a guest makes earns it another four seconds") {
    BalloonProgress progress(10'000, 30'000, kStart);
    CHECK(!progress.settled(29'000, kStart + 3s));
    CHECK(!progress.settled(28'999, kStart + 6s));
    CHECK(!progress.settled(28'999, kStart + 9s));
    CHECK(progress.settled(28'999, kStart + 10s));
}

}  // namespace
}  // namespace vmbuddies::xen::test
