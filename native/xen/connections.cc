// SPDX-License-Identifier: MIT
#include "xen/connections.h"

#include <cerrno>
#include <cstdio>

#include "xen/domain_flags.h"

namespace vmbuddies::xen {
namespace {

abi::DomainInfo find(HostConnection& host, std::uint32_t domid) {
    if (domid == 0) throw Error(ErrorCode::kArgument, "open domain", "Domain 0 is this host itself, not a guest.");
    if (const auto info = host.domain(domid)) return *info;
    throw Error(ErrorCode::kDomainNotFound, "open domain", "There is no domain " + std::to_string(domid) + " here.");
}

}  // namespace

XenDomain::Connections::Connections(std::uint32_t domid)
    : memory_(nullptr, libraries().xenforeignmemory_close), domid_(domid) {
    const abi::DomainInfo info = find(host_, domid);
    uuid_ = uuid_of(info);
    name_ = store().read(path("name")).value_or("domain " + std::to_string(domid));
    type_ = guest_type(host_, info);
    require_alive("open domain");
    memory_.reset(libraries().xenforeignmemory_open(host_.log().logger(), 0));
    if (!memory_) fail(ErrorCode::kUnavailable, "open domain", "Guests' memory cannot be mapped");
}

Pfn XenDomain::Connections::end_pfn() {
    Pfn end = 0;
    if (libraries().xc_domain_nr_gpfns(control(), domid_, &end) < 0) {
        fail(ErrorCode::kSystem, "memory size", "The hypervisor does not tell the highest page of " + name_);
    }
    return end;
}

abi::DomainInfo XenDomain::Connections::require_alive(const char* operation) {
    const auto info = host_.domain(domid_);
    // Numbers are used again, UUIDs are not.
    if (!info || uuid_of(*info) != uuid_) {
        throw Error(ErrorCode::kDomainGone, operation, name_ + " is gone: no such guest on this host any more.");
    }
    if (run_state(info->flags) == RunState::kDying) {
        throw Error(ErrorCode::kDomainGone, operation, name_ + " " + ending(info->flags) + ".");
    }
    return *info;
}

void XenDomain::Connections::fail(ErrorCode code, const char* operation, const std::string& message) {
    const int failed_with = errno;
    require_alive(operation);
    throw Error(code, operation, message + ": " + host_.log().take(failed_with) + ".", failed_with);
}

std::string uuid_of(const abi::DomainInfo& info) {
    std::string uuid;
    for (std::size_t i = 0; i < sizeof info.handle; ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) uuid += '-';
        char digits[3];
        std::snprintf(digits, sizeof digits, "%02x", info.handle[i]);
        uuid += digits;
    }
    return uuid;
}

GuestType guest_type(HostConnection& host, const abi::DomainInfo& info) {
    if ((info.flags & abi::kHvmGuest) == 0) return GuestType::kPv;
    const auto type = host.store().read("/libxl/" + std::to_string(info.domain) + "/type");
    return type == "pvh" ? GuestType::kPvh : GuestType::kHvm;
}

const char* guest_type_name(GuestType type) noexcept {
    switch (type) {
        case GuestType::kPv:
            return "pv";
        case GuestType::kPvh:
            return "pvh";
        case GuestType::kHvm:
            return "hvm";
    }
    return "hvm";
}

}  // namespace vmbuddies::xen
