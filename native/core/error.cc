// SPDX-License-Identifier: MIT
#include "error.h"

#include <system_error>
#include <utility>

namespace vmbuddies {

const char* code_name(ErrorCode code) noexcept {
    switch (code) {
        case ErrorCode::kArgument:
            return "ARGUMENT";
        case ErrorCode::kState:
            return "STATE";
        case ErrorCode::kDomainNotFound:
            return "DOMAIN_NOT_FOUND";
        case ErrorCode::kDomainExists:
            return "DOMAIN_EXISTS";
        case ErrorCode::kDomainGone:
            return "DOMAIN_GONE";
        case ErrorCode::kDirtyLogBusy:
            return "DIRTY_LOG_BUSY";
        case ErrorCode::kDirtyLog:
            return "DIRTY_LOG";
        case ErrorCode::kSuspend:
            return "SUSPEND";
        case ErrorCode::kMemory:
            return "MEMORY";
        case ErrorCode::kPeer:
            return "PEER";
        case ErrorCode::kPeerRefused:
            return "PEER_REFUSED";
        case ErrorCode::kStream:
            return "STREAM";
        case ErrorCode::kDeadline:
            return "DEADLINE";
        case ErrorCode::kUnavailable:
            return "UNAVAILABLE";
        case ErrorCode::kSystem:
            return "SYSTEM";
    }
    return "SYSTEM";
}

Error::Error(ErrorCode code, std::string operation, const std::string& message, int errno_value)
    : std::runtime_error(message), code_(code), operation_(std::move(operation)), errno_(errno_value) {}

Error Error::system(std::string operation, const std::string& message, int errno_value) {
    const std::string why = std::generic_category().message(errno_value);
    return Error(ErrorCode::kSystem, std::move(operation), message + ": " + why + ".", errno_value);
}

}  // namespace vmbuddies
