// SPDX-License-Identifier: MIT
#pragma once
#include <chrono>
#include <cstdint>

#include "xen/xen_domain.h"

namespace vmbuddies::xen {

/// As XenDomain::balloon().
std::uint64_t balloon_guest(XenDomain::Connections& guest, std::uint64_t target_bytes,
                            std::chrono::milliseconds timeout);

}  // namespace vmbuddies::xen
