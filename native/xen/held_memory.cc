// SPDX-License-Identifier: MIT
#include "xen/held_memory.h"

#include <string>

#include "core/error.h"
#include "core/page.h"
#include "xen/balloon.h"
#include "xen/connections.h"

namespace vmbuddies::xen {
namespace {

constexpr const char* kOperation = "migrate";
constexpr std::chrono::milliseconds kBetweenLooks{250};

std::string kib(std::uint64_t bytes) { return std::to_string(bytes / 1024) + " KiB"; }

}  // namespace

void HeldMemory::look() {
    if (Clock::now() >= next_look_) look_now();
}

void HeldMemory::look_now() {
    next_look_ = Clock::now() + kBetweenLooks;
    const std::uint64_t target_bytes = memory_target(guest_).value_or(0);
    if (target_bytes_ != 0 && target_bytes != target_bytes_) {
        throw Error(ErrorCode::kState, kOperation,
                    "The memory target of " + guest_.name() + " was changed from " + kib(target_bytes_) + " to " +
                        kib(target_bytes) +
                        " by another program while the guest was moved, and a migration cannot follow that: migrate "
                        "it again once its memory no longer changes.");
    }
    const std::uint64_t present_pages = guest_.require_alive(kOperation).tot_pages;
    if (present_pages > present_pages_) {
        throw Error(ErrorCode::kDirtyLog, kOperation,
                    guest_.name() + " was given " + kib((present_pages - present_pages_) << kPageShift) +
                        " of memory while it was moved, which Xen's dirty log does not cover: migrate it again once "
                        "its memory no longer changes.");
    }
    present_pages_ = present_pages;
}

}  // namespace vmbuddies::xen
