// SPDX-License-Identifier: MIT
#include "xen/xen_domain.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "core/page.h"
#include "xen/balloon.h"
#include "xen/connections.h"
#include "xen/domain_flags.h"
#include "xen/preflight.h"
#include "xen/rename.h"
#include "xen/suspend.h"

namespace vmbuddies::xen {
namespace {

constexpr std::uint64_t kKiB = 1024;

XenDomainInfo describe(HostConnection& host, const abi::DomainInfo& info, std::string name) {
    const auto most = host.store().number(domain_path(info.domain, "memory/static-max"));
    const auto target = host.store().number(domain_path(info.domain, "memory/target"));
    const std::uint64_t frame_buffer = host.store().number(domain_path(info.domain, "memory/videoram")).value_or(0);
    return {.domid = info.domain,
            .name = std::move(name),
            .uuid = uuid_of(info),
            .type = guest_type(host, info),
            .state = run_state(info.flags),
            .memory_bytes = most ? *most * kKiB : info.max_pages << kPageShift,
            .present_bytes = info.tot_pages << kPageShift,
            .target_bytes = target ? (*target + frame_buffer) * kKiB : info.tot_pages << kPageShift,
            .vcpus = info.nr_online_vcpus,
            .cpu_seconds = static_cast<double>(info.cpu_time) / 1e9};
}

bool is_number(const std::string& reference) {
    return !reference.empty() &&
           std::all_of(reference.begin(), reference.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::uint32_t domid_of(const std::string& reference) {
    if (is_number(reference)) {
        std::uint32_t domid = 0;
        const char* const end = reference.data() + reference.size();
        if (std::from_chars(reference.data(), end, domid).ec == std::errc()) return domid;
    } else {
        for (const XenDomainInfo& domain : list_domains()) {
            if (domain.name == reference) return domain.domid;
        }
    }
    throw Error(ErrorCode::kDomainNotFound, "open domain", "There is no domain " + reference + " on this host.");
}

}  // namespace

std::vector<XenDomainInfo> list_domains() {
    HostConnection host;
    std::vector<XenDomainInfo> found;
    for (const abi::DomainInfo& info : host.domains()) {
        // Without a name it is being built or torn down.
        const auto name = host.store().read(domain_path(info.domain, "name"));
        if (name) found.push_back(describe(host, info, *name));
    }
    return found;
}

std::unique_ptr<XenDomain> XenDomain::open(const std::string& reference) {
    return std::unique_ptr<XenDomain>(new XenDomain(std::make_unique<Connections>(domid_of(reference))));
}

XenDomain::XenDomain(std::unique_ptr<Connections> connections) : connections_(std::move(connections)) {}

XenDomain::~XenDomain() = default;

std::uint32_t XenDomain::domid() const noexcept { return connections_->domid(); }

const std::string& XenDomain::name() const noexcept { return connections_->name(); }

XenDomainInfo XenDomain::info() {
    return describe(connections_->host(), connections_->require_alive("domain information"), name());
}

std::vector<Check> XenDomain::preflight() { return check_guest(*this); }

void XenDomain::suspend(std::chrono::milliseconds timeout) { suspend_guest(*connections_, timeout); }

void XenDomain::resume() { resume_guest(*connections_); }

void XenDomain::rename(const std::string& name) { rename_guest(*connections_, name); }

std::optional<GuestMemory> XenDomain::guest_memory() {
    connections_->require_alive("guest memory");
    const auto total = connections_->number("data/meminfo_total");
    const auto free = connections_->number("data/meminfo_free");
    // The guest may write there what it likes.
    if (!total || !free || *free > *total || *total > UINT64_MAX / kKiB) return std::nullopt;
    return GuestMemory{.total_bytes = *total * kKiB, .free_bytes = *free * kKiB};
}

std::uint64_t XenDomain::balloon(std::uint64_t target_bytes, std::chrono::milliseconds timeout) {
    return balloon_guest(*connections_, target_bytes, timeout);
}

HeldTarget XenDomain::hold_memory(std::chrono::milliseconds timeout) {
    return xen::hold_memory(*connections_, timeout);
}

}  // namespace vmbuddies::xen
