// SPDX-License-Identifier: MIT
#include "xen/host_connection.h"

#include <cerrno>

#include "core/error.h"

namespace vmbuddies::xen {

HostConnection::HostConnection()
    : libraries_(Libraries::get()),
      control_(libraries_.xc_interface_open(log_.logger(), log_.logger(), 0), libraries_.xc_interface_close),
      store_(libraries_) {
    if (!control_) {
        throw Error(ErrorCode::kUnavailable, "open Xen", "The hypervisor cannot be called: " + log_.take(errno) + ".");
    }
}

std::vector<abi::DomainInfo> HostConnection::domains() {
    constexpr std::size_t kAtOnce = 64;
    std::vector<abi::DomainInfo> found;
    for (std::uint32_t next = 1;; next = found.back().domain + 1u) {
        const std::size_t before = found.size();
        found.resize(before + kAtOnce);
        const int count = libraries_.xc_domain_getinfolist(control_.get(), next, kAtOnce, &found[before]);
        if (count < 0) {
            throw Error(ErrorCode::kSystem, "list domains", "The guests cannot be listed: " + log_.take(errno) + ".",
                        errno);
        }
        found.resize(before + static_cast<std::size_t>(count));
        if (static_cast<std::size_t>(count) < kAtOnce) return found;
    }
}

std::optional<abi::DomainInfo> HostConnection::domain(std::uint32_t domid) {
    abi::DomainInfo info;
    const int count = libraries_.xc_domain_getinfolist(control_.get(), domid, 1, &info);
    if (count < 0) {
        throw Error(ErrorCode::kSystem, "domain information",
                    "Domain " + std::to_string(domid) + " cannot be looked at: " + log_.take(errno) + ".", errno);
    }
    // The call answers with the next one if there is none of this number.
    if (count == 0 || info.domain != domid) return std::nullopt;
    return info;
}

std::string domain_path(std::uint32_t domid, const std::string& node) {
    return "/local/domain/" + std::to_string(domid) + "/" + node;
}

}  // namespace vmbuddies::xen
