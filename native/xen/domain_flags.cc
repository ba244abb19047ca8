// SPDX-License-Identifier: MIT
#include "xen/domain_flags.h"

#include "xen/abi.h"

namespace vmbuddies::xen {
namespace {

std::uint32_t shutdown_reason(std::uint32_t flags) noexcept {
    return flags >> abi::kShutdownReasonShift & abi::kShutdownReasonMask;
}

}  // namespace

const char* run_state_name(RunState state) noexcept {
    switch (state) {
        case RunState::kRunning:
            return "running";
        case RunState::kPaused:
            return "paused";
        case RunState::kSuspended:
            return "suspended";
        case RunState::kDying:
            return "dying";
    }
    return "dying";
}

RunState run_state(std::uint32_t flags) noexcept {
    if ((flags & abi::kDying) != 0) return RunState::kDying;
    if ((flags & abi::kShutdown) != 0) {
        return shutdown_reason(flags) == abi::kSuspend ? RunState::kSuspended : RunState::kDying;
    }
    return (flags & abi::kPaused) != 0 ? RunState::kPaused : RunState::kRunning;
}

std::string ending(std::uint32_t flags) {
    if ((flags & abi::kDying) != 0) return "is being destroyed";
    switch (shutdown_reason(flags)) {
        case abi::kPowerOff:
            return "has powered off";
        case abi::kReboot:
            return "is rebooting";
        case abi::kCrash:
            return "has crashed";
        case abi::kWatchdog:
            return "was stopped by its watchdog";
        case abi::kSoftReset:
            return "resets itself";
    }
    return "has shut down for reason " + std::to_string(shutdown_reason(flags));
}

}  // namespace vmbuddies::xen
