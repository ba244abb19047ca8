// SPDX-License-Identifier: MIT
#include "core/peek_ahead.h"

#include <doctest/doctest.h>

#include "scripted_domain.h"

using namespace vmbuddies;

TEST_CASE("a look at the dirty log covers a stretch ahead, and is taken again past its end or once forgotten") {
    test::Script script;
    test::ScriptedDomain domain(200'000, script);
    int looks = 0;
    script = [&](const std::string& call) { looks += call == "peek_dirty" ? 1 : 0; };
    domain.enable_dirty_log();
    domain.write(10, 1);
    PeekAhead peek(domain, 200'000);
    double seconds = 0;
    const auto dirty_again = [&](Pfn page) { return peek.dirty_again(page, seconds); };

    CHECK_FALSE(dirty_again(3));
    CHECK(dirty_again(10));
    domain.write(11, 1);
    CHECK_FALSE(dirty_again(11));
    CHECK_FALSE(dirty_again(3 + PeekAhead::kStretchPages - 1));
    CHECK(looks == 1);
    CHECK_FALSE(dirty_again(3 + PeekAhead::kStretchPages));
    CHECK(looks == 2);
    CHECK_FALSE(dirty_again(199'999));
    CHECK(looks == 3);
    peek.forget();
    CHECK(dirty_again(11));
    CHECK(looks == 4);
    CHECK(seconds > 0);
}
