// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "core/error.h"
#include "core/page.h"
#include "xen/host_connection.h"
#include "xen/xen_domain.h"

namespace vmbuddies::xen {

/// One guest, and this thread's own ways to it.
class XenDomain::Connections {
   public:
    /// kDomainNotFound, kDomainGone.
    explicit Connections(std::uint32_t domid);

    std::uint32_t domid() const noexcept { return domid_; }
    const std::string& name() const noexcept { return name_; }
    void set_name(std::string name) { name_ = std::move(name); }
    const std::string& uuid() const noexcept { return uuid_; }
    GuestType type() const noexcept { return type_; }

    HostConnection& host() noexcept { return host_; }
    const Libraries& libraries() const noexcept { return host_.libraries(); }
    abi::XcInterface* control() const noexcept { return host_.control(); }
    abi::ForeignMemory* memory() const noexcept { return memory_.get(); }
    Xenstore& store() noexcept { return host_.store(); }
    /// Of the guest's own folder in xenstore.
    std::string path(const std::string& node) const { return domain_path(domid_, node); }
    /// As Xenstore::number(), of a node in the guest's folder.
    std::optional<std::uint64_t> number(const std::string& node) { return store().number(path(node)); }

    /// One past its highest page number (xc_domain_nr_gpfns). Page numbers of a PVH guest are sparse.
    Pfn end_pfn();

    /// What the hypervisor says of it now. kDomainGone, with what happened, if the guest will not run again.
    /// To be called after every hypercall whose answer counts: Xen up to 4.17 answers some about a dying guest with
    /// success, and does nothing.
    abi::DomainInfo require_alive(const char* operation);

    /// Throws what errno and the libraries' log say of a call that has just failed: kDomainGone if the guest ended.
    [[noreturn]] void fail(ErrorCode code, const char* operation, const std::string& message);

   private:
    HostConnection host_;
    std::unique_ptr<abi::ForeignMemory, int (*)(abi::ForeignMemory*)> memory_;
    std::uint32_t domid_;
    std::string name_;
    std::string uuid_;
    GuestType type_;
};

/// As xl prints it.
std::string uuid_of(const abi::DomainInfo& info);
/// As the toolstack that built the guest has written it (/libxl/DOMID/type); a guest of another toolstack counts as HVM
/// if it is not PV.
GuestType guest_type(HostConnection& host, const abi::DomainInfo& info);

}  // namespace vmbuddies::xen
