// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "lab_guest.h"

namespace vmbuddies::xen::test {
namespace {

using namespace std::chrono_literals;

TEST_CASE("it gives memory back and takes it again") {
    auto domain = open_lab_guest();
    const std::uint64_t before = domain->info().present_bytes;
    std::uint64_t low = 0;
    const double down = milliseconds_of([&] { low = domain->balloon((128u - 16u) << 20, 60s); });
    MESSAGE("from " << before << " to " << low << " bytes in " << down << " ms");
    CHECK(low <= (128u - 16u + 1u) << 20);
    CHECK(low >= (128u - 16u - 1u) << 20);
    CHECK(domain->info().present_bytes == low);
    std::uint64_t high = 0;
    const double up = milliseconds_of([&] { high = domain->balloon(128u << 20, 60s); });
    MESSAGE("and to " << high << " bytes in " << up << " ms");
    CHECK(high >= before - (1u << 20));
    next_count(*domain);
    CHECK(corrupt_pages(*domain) == 0);
}

TEST_CASE("no more than its most can be asked for") {
    auto domain = open_lab_guest();
    CHECK(failure(ErrorCode::kArgument, [&] { domain->balloon((128u << 20) + 4096, 1s); }) ==
          domain->name() + " can have at most 128 MiB (memory/static-max), not 128.0039 MiB.");
}

}  // namespace
}  // namespace vmbuddies::xen::test
