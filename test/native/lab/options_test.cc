// SPDX-License-Identifier: MIT
#include "options.h"

#include <doctest/doctest.h>

using namespace vmbuddies::lab;

TEST_CASE("options are found anywhere on the command line, and the rest is left to the kernel") {
    const Options options = options_from(
        "console=hvc0 vmb.pages_per_second=2500 quiet vmb.wss_bytes=33554432 vmb.agent=0 vmb.ignore_suspend=1");
    CHECK(options.pages_per_second == 2500);
    CHECK(options.wss_bytes == 32 << 20);
    CHECK(options.agent == 0);
    CHECK(options.ignore_suspend == 1);
    CHECK(options.poweroff_after == 0);
}

TEST_CASE("what is no option, or no number, changes nothing") {
    for (const char* line :
         {"", " ", "vmb.pages_per_second=", "vmb.pages_per_second=12x", "vmb.pages_per_second=-1", "vmb.x=1"}) {
        CAPTURE(line);
        CHECK(options_from(line).pages_per_second == 1000);
        CHECK(options_from(line).wss_bytes == 16 << 20);
    }
}

TEST_CASE("the last of two wins") {
    CHECK(options_from("vmb.poweroff_after=3  vmb.poweroff_after=4\n").poweroff_after == 4);
}
