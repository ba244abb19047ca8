// SPDX-License-Identifier: MIT
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>

#include "xen/xen_domain.h"

namespace vmbuddies::xen {

/// As XenDomain::balloon().
std::uint64_t balloon_guest(XenDomain::Connections& guest, std::uint64_t target_bytes,
                            std::chrono::milliseconds timeout);

/// As XenDomain::hold_memory().
HeldTarget hold_memory(XenDomain::Connections& guest, std::chrono::milliseconds timeout);

/// What the guest is asked to have, in bytes (memory/target, and an HVM guest's frame buffer); std::nullopt where its
/// toolstack sets no target.
std::optional<std::uint64_t> memory_target(XenDomain::Connections& guest);

}  // namespace vmbuddies::xen
