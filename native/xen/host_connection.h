// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "xen/error_log.h"
#include "xen/libraries.h"
#include "xen/xenstore.h"

namespace vmbuddies::xen {

/// A thread's own way to this host's hypervisor and to its xenstore. kUnavailable where there is none.
class HostConnection {
   public:
    HostConnection();

    const Libraries& libraries() const noexcept { return libraries_; }
    abi::XcInterface* control() const noexcept { return control_.get(); }
    Xenstore& store() noexcept { return store_; }
    ErrorLog& log() noexcept { return log_; }

    /// All guests, dying ones included, domain 0 left out.
    std::vector<abi::DomainInfo> domains();
    /// std::nullopt if the hypervisor knows no such guest.
    std::optional<abi::DomainInfo> domain(std::uint32_t domid);

   private:
    const Libraries& libraries_;
    ErrorLog log_;
    std::unique_ptr<abi::XcInterface, int (*)(abi::XcInterface*)> control_;
    Xenstore store_;
};

/// "/local/domain/DOMID/NODE".
std::string domain_path(std::uint32_t domid, const std::string& node);

}  // namespace vmbuddies::xen
