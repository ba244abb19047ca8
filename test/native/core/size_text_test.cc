// SPDX-License-Identifier: MIT
#include "core/size_text.h"

#include <doctest/doctest.h>

using vmbuddies::size_text;

TEST_CASE("a size is told in the largest binary unit of which there is one") {
    CHECK(size_text(0) == "0 B");
    CHECK(size_text(1023) == "1023 B");
    CHECK(size_text(4096) == "4 KiB");
    CHECK(size_text(20 << 20) == "20 MiB");
    CHECK(size_text((20 << 20) + 4096) == "20.00391 MiB");
    CHECK(size_text(std::uint64_t{64} << 40) == "64 TiB");
    CHECK(size_text(UINT64_MAX) == "16777216 TiB");
}
