// SPDX-License-Identifier: MIT
#include "process/workload.h"

#include <doctest/doctest.h>

#include "core/page.h"
#include "host.h"

namespace vmbuddies::process::test {
namespace {

constexpr std::uint64_t kTiB = std::uint64_t{1} << 40;

Workload idle_of(std::uint64_t memory_bytes) { return {.used_pages = memory_bytes >> kPageShift}; }

}  // namespace

TEST_CASE("a process domain may have as many pages as its control block can count") {
    for (const std::uint64_t bytes : {kTiB + kPageSize, 8 * kTiB, 16 * kTiB - kPageSize}) {
        CAPTURE(bytes);
        CHECK_NOTHROW(check_workload(bytes, idle_of(bytes)));
        CHECK(bookkeeping_pages(bytes) == 1 + ((bytes >> kPageShift) + 1023) / 1024);
    }
    CHECK(error_of([] { check_workload(16 * kTiB, idle_of(16 * kTiB)); }) == ErrorCode::kArgument);
}

}  // namespace vmbuddies::process::test
