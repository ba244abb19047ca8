// SPDX-License-Identifier: MIT
#pragma once
#include <chrono>

#include "xen/xen_domain.h"

namespace vmbuddies::xen {

/// As XenDomain::suspend() and resume().
void suspend_guest(XenDomain::Connections& guest, std::chrono::milliseconds timeout);
void resume_guest(XenDomain::Connections& guest);

}  // namespace vmbuddies::xen
