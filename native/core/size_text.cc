// SPDX-License-Identifier: MIT
#include "size_text.h"

#include <array>
#include <cstdio>

namespace vmbuddies {

std::string size_text(std::uint64_t bytes) {
    constexpr std::array kUnits{"B", "KiB", "MiB", "GiB", "TiB"};
    auto value = static_cast<double>(bytes);
    std::size_t unit = 0;
    for (; value >= 1024 && unit + 1 < kUnits.size(); ++unit) value /= 1024;
    std::array<char, 48> text;
    std::snprintf(text.data(), text.size(), value < 1e7 ? "%.7g %s" : "%.0f %s", value, kUnits[unit]);
    return text.data();
}

}  // namespace vmbuddies
