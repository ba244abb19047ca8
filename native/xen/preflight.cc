// SPDX-License-Identifier: MIT
#include "xen/preflight.h"

#include <cerrno>

#include "core/page.h"
#include "xen/balloon.h"
#include "xen/balloon_progress.h"
#include "xen/connections.h"
#include "xen/domain_flags.h"
#include "xen/log_dirty.h"

namespace vmbuddies::xen {
namespace {

using Verdict = Check::Verdict;

std::string mib(std::uint64_t pages) { return std::to_string(pages >> (20 - kPageShift)) + " MiB"; }

bool has_device_model(XenDomain::Connections& guest) {
    return !guest.store().list("/local/domain/0/device-model/" + std::to_string(guest.domid())).empty();
}

Check check_kind(XenDomain::Connections& guest) {
    const std::string subject = "guest type";
    if (guest.type() == GuestType::kPv) {
        return {subject, Verdict::kNote, "PV: libxenguest's own loop has to move it.",
                "Make it PVH, for rates and rounds under control."};
    }
    const std::string why = unsupported_kind(guest);
    if (!why.empty()) return {subject, Verdict::kFail, why, "Make it PVH (type=\"pvh\")."};
    return {subject, Verdict::kPass, guest_type_name(guest.type()), ""};
}

Check check_state(XenDomain::Connections& guest) {
    const std::string subject = "state";
    const RunState state = run_state(guest.require_alive("preflight").flags);
    if (state == RunState::kRunning) return {subject, Verdict::kPass, "running", ""};
    const std::string fix = state == RunState::kPaused ? "xl unpause " + guest.name()
                                                       : "Resume it: an earlier migration has left it suspended.";
    return {subject, Verdict::kFail, std::string(run_state_name(state)) + ": it cannot suspend itself.", fix};
}

Check check_dirty_log(XenDomain& domain) {
    const std::string subject = "dirty log";
    try {
        LogDirty::enable(domain);
        return {subject, Verdict::kPass, "can be switched on", ""};
    } catch (const Error& error) {
        if (error.code() == ErrorCode::kDomainGone) throw;
        const bool busy = error.code() == ErrorCode::kDirtyLogBusy;
        return {subject, Verdict::kFail, error.what(), busy ? "Wait until that process is done." : ""};
    }
}

Check check_suspend(XenDomain::Connections& guest) {
    const std::string subject = "suspend";
    if (guest.store().read(guest.path("control/feature-suspend")) == "1") {
        return {subject, Verdict::kPass, "the guest's kernel takes part", ""};
    }
    // Linux writes it when it boots, and not again where it has moved to.
    return {subject, Verdict::kNote,
            "The guest's kernel has not said here that it takes part (control/feature-suspend is not 1): it has moved "
            "here, it still boots, or it cannot.",
            "Wait until it has booted; Linux needs CONFIG_XEN and CONFIG_HIBERNATE_CALLBACKS."};
}

Check check_passthrough(XenDomain::Connections& guest) {
    const std::string subject = "passthrough";
    const std::string domid = std::to_string(guest.domid());
    for (const std::string& path : {"/libxl/" + domid + "/device/pci", "/local/domain/0/backend/pci/" + domid}) {
        if (guest.store().list(path).empty()) continue;
        return {subject, Verdict::kFail, "It has host devices of its own, whose writes no dirty log sees.",
                "Detach them: xl pci-detach " + guest.name() + " ..."};
    }
    return {subject, Verdict::kPass, "no host devices", ""};
}

Check check_vnuma(XenDomain::Connections& guest) {
    const std::string subject = "vNUMA";
    std::uint32_t nodes = 0, ranges = 0, vcpus = 0;
    // Only a guest without any configuration makes this fail so; libxl refuses to save all others.
    if (guest.libraries().xc_domain_getvnuma(guest.control(), guest.domid(), &nodes, &ranges, &vcpus, nullptr, nullptr,
                                             nullptr) != 0 &&
        errno == EOPNOTSUPP) {
        return {subject, Verdict::kPass, "none", ""};
    }
    return {subject, Verdict::kFail, "It has virtual NUMA nodes, which the stream cannot carry.",
            "Remove vnuma= from its configuration."};
}

Check check_populated(XenDomain::Connections& guest) {
    const std::string subject = "memory on demand";
    std::uint64_t total = 0, cache = 0, entries = 0;
    if (guest.type() != GuestType::kPv &&
        guest.libraries().xc_domain_get_pod_target(guest.control(), guest.domid(), &total, &cache, &entries) != 0) {
        guest.fail(ErrorCode::kSystem, "preflight", "Populate-on-demand of " + guest.name() + " cannot be looked at");
    }
    if (entries == 0) return {subject, Verdict::kPass, "all memory is populated", ""};
    return {subject, Verdict::kFail,
            mib(entries) + " are populated on demand: its balloon driver has not given back what it started without.",
            "Wait until it has booted, or start it with maxmem = memory."};
}

Check check_balloon(XenDomain::Connections& guest) {
    const std::string subject = "balloon";
    const auto target_bytes = memory_target(guest);
    if (!target_bytes) return {subject, Verdict::kNote, "It has no memory target.", ""};
    const std::uint64_t target = *target_bytes >> kPageShift;
    const std::uint64_t present = guest.require_alive("preflight").tot_pages;
    const std::string finding = "It has " + mib(present) + ", and its target is " + mib(target) + ".";
    if (BalloonProgress::near(present, target)) return {subject, Verdict::kPass, finding, ""};
    return {subject, Verdict::kNote, finding + " While it is moved, it keeps what it has then.",
            "Wait until it has got there: the less it has, the less is sent."};
}

}  // namespace

std::string unsupported_kind(XenDomain::Connections& guest) {
    switch (guest.type()) {
        case GuestType::kPv:
            return guest.name() + " is a PV guest, whose page tables would have to be rewritten for the stream.";
        case GuestType::kPvh:
            return "";
        case GuestType::kHvm:
            break;
    }
    if (!has_device_model(guest)) return "";
    return guest.name() + " is an HVM guest with a device model (QEMU), which writes to its memory too.";
}

std::vector<Check> check_guest(XenDomain& domain) {
    XenDomain::Connections& guest = domain.connections();
    return {check_kind(guest),        check_state(guest), check_dirty_log(domain), check_suspend(guest),
            check_passthrough(guest), check_vnuma(guest), check_populated(guest),  check_balloon(guest)};
}

}  // namespace vmbuddies::xen
