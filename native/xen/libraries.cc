// SPDX-License-Identifier: MIT
#include "xen/libraries.h"

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <memory>
#include <mutex>

#include "core/error.h"
#include "xen/error_log.h"
#include "xen/hypervisor.h"
#include "xen/shared_library.h"
#include "xen/xen_domain.h"

namespace vmbuddies::xen {
namespace {

// The releases whose interface abi.h describes: libxenctrl and libxenguest change with every one.
constexpr HypervisorVersion kKnown[] = {{4, 17}};

std::string name_of(const HypervisorVersion& version) {
    return std::to_string(version.major) + "." + std::to_string(version.minor);
}

void require_known(const HypervisorVersion& running) {
    const auto same = [&](const HypervisorVersion& known) {
        return known.major == running.major && known.minor == running.minor;
    };
    if (std::any_of(std::begin(kKnown), std::end(kKnown), same)) return;
    std::string known;
    for (const HypervisorVersion& version : kKnown) known += (known.empty() ? "" : ", ") + name_of(version);
    throw Error(ErrorCode::kUnavailable, "open Xen",
                "The hypervisor is Xen " + name_of(running) + "; this version of VMbuddies knows Xen " + known + ".");
}

}  // namespace

#define VMBUDDIES_FIND(library, function) library.find(#function, function)

void Libraries::load_for(std::uint32_t major, std::uint32_t minor) {
    const std::string release = std::to_string(major) + "." + std::to_string(minor);
    const SharedLibrary control("libxenctrl.so." + release, "libxenmisc" + release);
    VMBUDDIES_FIND(control, xc_interface_open);
    VMBUDDIES_FIND(control, xc_interface_close);
    VMBUDDIES_FIND(control, xc_version);
    VMBUDDIES_FIND(control, xc_domain_getinfolist);
    VMBUDDIES_FIND(control, xc_domain_nr_gpfns);
    VMBUDDIES_FIND(control, xc_get_pfn_type_batch);
    VMBUDDIES_FIND(control, xc_shadow_control);
    VMBUDDIES_FIND(control, xc_logdirty_control);
    control.find("xc__hypercall_buffer_alloc_pages", xc_hypercall_buffer_alloc_pages);
    control.find("xc__hypercall_buffer_free_pages", xc_hypercall_buffer_free_pages);
    VMBUDDIES_FIND(control, xc_domain_setmaxmem);
    VMBUDDIES_FIND(control, xc_domain_set_pod_target);
    VMBUDDIES_FIND(control, xc_domain_get_pod_target);
    VMBUDDIES_FIND(control, xc_domain_getvnuma);
    VMBUDDIES_FIND(control, xc_domain_get_tsc_info);
    VMBUDDIES_FIND(control, xc_domain_hvm_getcontext);
    VMBUDDIES_FIND(control, xc_hvm_param_get);

    const SharedLibrary guest("libxenguest.so." + release, "libxenmisc" + release);
    VMBUDDIES_FIND(guest, xc_domain_resume);
    VMBUDDIES_FIND(guest, xc_cpu_policy_init);
    VMBUDDIES_FIND(guest, xc_cpu_policy_destroy);
    VMBUDDIES_FIND(guest, xc_cpu_policy_get_size);
    VMBUDDIES_FIND(guest, xc_cpu_policy_get_domain);
    VMBUDDIES_FIND(guest, xc_cpu_policy_serialise);
}

void Libraries::load_stable() {
    const SharedLibrary memory("libxenforeignmemory.so.1", "libxenforeignmemory1");
    VMBUDDIES_FIND(memory, xenforeignmemory_open);
    VMBUDDIES_FIND(memory, xenforeignmemory_close);
    VMBUDDIES_FIND(memory, xenforeignmemory_map);
    VMBUDDIES_FIND(memory, xenforeignmemory_unmap);

    const SharedLibrary store("libxenstore.so.4", "libxenstore4");
    VMBUDDIES_FIND(store, xs_open);
    VMBUDDIES_FIND(store, xs_close);
    VMBUDDIES_FIND(store, xs_directory);
    VMBUDDIES_FIND(store, xs_read);
    VMBUDDIES_FIND(store, xs_write);
    VMBUDDIES_FIND(store, xs_watch);
    VMBUDDIES_FIND(store, xs_unwatch);
    VMBUDDIES_FIND(store, xs_fileno);
    VMBUDDIES_FIND(store, xs_check_watch);
    VMBUDDIES_FIND(store, xs_transaction_start);
    VMBUDDIES_FIND(store, xs_transaction_end);
    VMBUDDIES_FIND(store, xs_resume_domain);
}

#undef VMBUDDIES_FIND

// /dev/xen/privcmd exists in ordinary guests too; only an operation shows whether this is domain 0.
void Libraries::ask_hypervisor() {
    ErrorLog log;
    const std::unique_ptr<abi::XcInterface, decltype(xc_interface_close)> control(
        xc_interface_open(log.logger(), log.logger(), 0), xc_interface_close);
    abi::DomainInfo first;
    if (!control || xc_domain_getinfolist(control.get(), 0, 1, &first) < 0) {
        throw Error(
            ErrorCode::kUnavailable, "open Xen",
            "The hypervisor answers no questions about guests; is this domain 0? It said: " + log.take(errno) + ".");
    }
    char extra[abi::kExtraVersionBytes] = {};
    xc_version(control.get(), abi::kExtraVersion, extra);
    extra[sizeof extra - 1] = '\0';
    version_ = name_of({major_, minor_}) + extra;
}

Libraries::Libraries() {
    const HypervisorVersion version = hypervisor_version();
    require_known(version);
    major_ = version.major;
    minor_ = version.minor;
    load_for(major_, minor_);
    load_stable();
    ask_hypervisor();
}

const Libraries& Libraries::get() {
    static std::mutex mutex;
    static const Libraries* loaded = nullptr;  // never freed: a dirty log may be switched off as late as at the exit
    const std::lock_guard lock(mutex);
    // A failure is not kept: the module may be loaded, or the package installed, a minute later.
    if (!loaded) loaded = new Libraries;
    return *loaded;
}

std::string xen_unavailable() {
    try {
        Libraries::get();
        return "";
    } catch (const Error& error) {
        return error.what();
    }
}

std::string xen_version() {
    try {
        return Libraries::get().version();
    } catch (const Error&) {
        return "";
    }
}

}  // namespace vmbuddies::xen
