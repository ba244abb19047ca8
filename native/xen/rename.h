// SPDX-License-Identifier: MIT
#pragma once
#include <string>

#include "xen/xen_domain.h"

namespace vmbuddies::xen {

/// As XenDomain::rename().
void rename_guest(XenDomain::Connections& guest, const std::string& name);

}  // namespace vmbuddies::xen
