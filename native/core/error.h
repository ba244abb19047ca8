// SPDX-License-Identifier: MIT
#pragma once
#include <stdexcept>
#include <string>

namespace vmbuddies {

/// Closed list; src/errors.ts has the same names, prefixed ERR_VMBUDDIES_.
enum class ErrorCode {
    kArgument,        ///< the caller passed something that can never work
    kState,           ///< a call that is not legal now
    kDomainNotFound,  ///< no such domain
    kDomainExists,    ///< the name is taken
    kDomainGone,      ///< the guest ended while we worked on it
    kDirtyLogBusy,    ///< somebody else owns this domain's dirty log
    kDirtyLog,        ///< the dirty log failed: its content can no longer be trusted
    kSuspend,         ///< the guest did not stop in time
    kMemory,          ///< memory could not be had or mapped
    kPeer,            ///< the connection to the other side broke, or nobody answered
    kPeerRefused,     ///< the other side said no, and why
    kStream,          ///< the bytes from the other side are not a valid stream
    kDeadline,        ///< no progress within the allowed time
    kUnavailable,     ///< this machine lacks what the call needs
    kSystem,          ///< an operating system call failed; see errno
};

/// "DOMAIN_NOT_FOUND" and so on: the code's name as TypeScript spells it, without the prefix.
const char* code_name(ErrorCode code) noexcept;

/// Every failure of the native side. `what()` is a full sentence; `operation` names the step that failed.
class Error : public std::runtime_error {
   public:
    Error(ErrorCode code, std::string operation, const std::string& message, int errno_value = 0);

    /// For a failed system call: appends strerror(errno_value) to the message.
    static Error system(std::string operation, const std::string& message, int errno_value);

    ErrorCode code() const noexcept { return code_; }
    const std::string& operation() const noexcept { return operation_; }
    int errno_value() const noexcept { return errno_; }

   private:
    ErrorCode code_;
    std::string operation_;
    int errno_;
};

/// Thrown out of any wait when the migration was told to abort. Not an error: the outcome is `aborted`.
struct Aborted {};

}  // namespace vmbuddies
