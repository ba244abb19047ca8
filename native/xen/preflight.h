// SPDX-License-Identifier: MIT
#pragma once
#include <string>
#include <vector>

#include "xen/xen_domain.h"

namespace vmbuddies::xen {

/// As XenDomain::preflight().
std::vector<Check> check_guest(XenDomain& domain);

/// Why our own engine cannot move a guest of this kind, in one sentence; "" if it can.
std::string unsupported_kind(XenDomain::Connections& guest);

}  // namespace vmbuddies::xen
