// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <string>

#include "xen/xen_domain.h"

namespace vmbuddies::xen {

/// What the hypervisor's flags of a guest (XEN_DOMINF_*) come to. A guest that has stopped for any other reason than
/// to be suspended will not run again: it counts as dying.
RunState run_state(std::uint32_t flags) noexcept;

/// What has become of a guest whose run state is kDying: "has crashed" and so on.
std::string ending(std::uint32_t flags);

}  // namespace vmbuddies::xen
