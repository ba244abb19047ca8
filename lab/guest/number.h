// SPDX-License-Identifier: MIT
#pragma once
#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace vmbuddies::lab {

/// Nothing unless all of `text` is a decimal number below 2^64.
inline std::optional<std::uint64_t> number_from(std::string_view text) noexcept {
    std::uint64_t number = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || stop != end) return std::nullopt;
    return number;
}

}  // namespace vmbuddies::lab
