// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <string_view>

namespace vmbuddies::lab {

/// What the guest is told on its kernel's command line, as vmb.NAME=NUMBER.
struct Options {
    std::uint64_t pages_per_second = 1000;
    std::uint64_t wss_bytes = 16 << 20;  ///< the writable working set
    std::uint64_t agent = 1;             ///< 0: publishes nothing about its free memory
    std::uint64_t ignore_suspend = 0;    ///< 1: does not suspend when asked to
    std::uint64_t poweroff_after = 0;    ///< seconds; 0: never
};

/// A vmb option that there is not, or that is no number, is named on the console and left out.
Options options_from(std::string_view command_line);

}  // namespace vmbuddies::lab
