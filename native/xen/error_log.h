// SPDX-License-Identifier: MIT
#pragma once
#include <string>

#include "xen/abi.h"

namespace vmbuddies::xen {

/// Where Xen's libraries log to instead of stderr. The last line that tells of a failure is kept: it knows more than
/// errno does.
class ErrorLog {
   public:
    ErrorLog() noexcept;
    ErrorLog(const ErrorLog&) = delete;
    ErrorLog& operator=(const ErrorLog&) = delete;

    /// Valid as long as this lives.
    abi::Logger* logger() noexcept { return &sink_; }

    /// What went wrong: errno's message, and the library's last line after it in parentheses, if there was one since
    /// the last call.
    std::string take(int errno_value);

   private:
    struct Sink : abi::Logger {
        std::string last_line;
    };
    Sink sink_;
};

}  // namespace vmbuddies::xen
