// SPDX-License-Identifier: MIT
#include "xen/error_log.h"

#include <cstdio>
#include <system_error>
#include <utility>

namespace vmbuddies::xen {

ErrorLog::ErrorLog() noexcept {
    sink_.vmessage = [](abi::Logger* logger, unsigned level, int, const char*, const char* format, va_list arguments) {
        if (level < abi::kLogError) return;
        char line[512];
        std::vsnprintf(line, sizeof line, format, arguments);
        static_cast<Sink*>(logger)->last_line = line;
    };
    sink_.progress = nullptr;  // allowed, and ours is a better one
    sink_.destroy = [](abi::Logger*) {};
}

std::string ErrorLog::take(int errno_value) {
    std::string what = std::generic_category().message(errno_value);
    const std::string line = std::exchange(sink_.last_line, {});
    return line.empty() ? what : what + " (" + line + ")";
}

}  // namespace vmbuddies::xen
