// SPDX-License-Identifier: MIT
#include "options.h"

#include <cstdio>
#include <utility>

#include "number.h"

namespace vmbuddies::lab {
namespace {

constexpr std::pair<std::string_view, std::uint64_t Options::*> kOptions[] = {
    {"vmb.pages_per_second=", &Options::pages_per_second},
    {"vmb.wss_bytes=", &Options::wss_bytes},
    {"vmb.agent=", &Options::agent},
    {"vmb.ignore_suspend=", &Options::ignore_suspend},
    {"vmb.poweroff_after=", &Options::poweroff_after},
};

bool take(std::string_view word, Options& options) {
    for (const auto& [name, member] : kOptions) {
        if (!word.starts_with(name)) continue;
        const auto number = number_from(word.substr(name.size()));
        if (number) options.*member = *number;
        return number.has_value();
    }
    return false;
}

}  // namespace

Options options_from(std::string_view command_line) {
    constexpr std::string_view kBlanks = " \n";
    Options options;
    for (std::size_t at = 0; at < command_line.size();) {
        const std::string_view word = command_line.substr(at, command_line.find_first_of(kBlanks, at) - at);
        if (word.starts_with("vmb.") && !take(word, options))
            std::printf("guest: %.*s is no option\n", static_cast<int>(word.size()), word.data());
        at += word.size() + 1;
    }
    return options;
}

}  // namespace vmbuddies::lab
