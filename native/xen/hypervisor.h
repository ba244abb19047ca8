// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>

namespace vmbuddies::xen {

struct HypervisorVersion {
    std::uint32_t major = 0;
    std::uint32_t minor = 0;
};

/// Asks the running hypervisor, through the one library whose interface is the same for all releases. kUnavailable, in
/// one sentence, without a hypervisor, without the way to it (/dev/xen/privcmd), or without that library.
HypervisorVersion hypervisor_version();

}  // namespace vmbuddies::xen
