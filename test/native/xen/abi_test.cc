// SPDX-License-Identifier: MIT
// native/xen/abi.h and libraries.h against Xen's own headers, where those of the release they describe are installed.
// What differs does not compile.
#if __has_include(<xenctrl.h>)

extern "C" {
#include <xencall.h>
#include <xenctrl.h>
#include <xenforeignmemory.h>
#include <xenguest.h>
#include <xenstore.h>
#include <xentoollog.h>

#include <xen/hvm/params.h>
}

#if XEN_DOMCTL_INTERFACE_VERSION == 0x00000015  // Xen 4.17

#include <cstddef>
#include <iterator>
#include <type_traits>

#include "xen/abi.h"
#include "xen/libraries.h"

namespace vmbuddies::xen {
namespace {

#define SAME_FIELD(ours, our_field, xens, xens_field)                       \
    static_assert(offsetof(ours, our_field) == offsetof(xens, xens_field)); \
    static_assert(sizeof(ours::our_field) == sizeof(xens::xens_field))

static_assert(sizeof(abi::DomainInfo) == sizeof(xc_domaininfo_t));
SAME_FIELD(abi::DomainInfo, domain, xc_domaininfo_t, domain);
SAME_FIELD(abi::DomainInfo, flags, xc_domaininfo_t, flags);
SAME_FIELD(abi::DomainInfo, tot_pages, xc_domaininfo_t, tot_pages);
SAME_FIELD(abi::DomainInfo, max_pages, xc_domaininfo_t, max_pages);
SAME_FIELD(abi::DomainInfo, cpu_time, xc_domaininfo_t, cpu_time);
SAME_FIELD(abi::DomainInfo, nr_online_vcpus, xc_domaininfo_t, nr_online_vcpus);
SAME_FIELD(abi::DomainInfo, handle, xc_domaininfo_t, handle);
SAME_FIELD(abi::DomainInfo, arch_config, xc_domaininfo_t, arch_config);

static_assert(abi::kDying == XEN_DOMINF_dying);
static_assert(abi::kHvmGuest == XEN_DOMINF_hvm_guest);
static_assert(abi::kShutdown == XEN_DOMINF_shutdown);
static_assert(abi::kPaused == XEN_DOMINF_paused);
static_assert(abi::kShutdownReasonShift == XEN_DOMINF_shutdownshift);
static_assert(abi::kShutdownReasonMask == XEN_DOMINF_shutdownmask);
static_assert(abi::kPowerOff == SHUTDOWN_poweroff);
static_assert(abi::kReboot == SHUTDOWN_reboot);
static_assert(abi::kSuspend == SHUTDOWN_suspend);
static_assert(abi::kCrash == SHUTDOWN_crash);
static_assert(abi::kWatchdog == SHUTDOWN_watchdog);
static_assert(abi::kSoftReset == SHUTDOWN_soft_reset);

static_assert(sizeof(abi::HypercallBuffer) == sizeof(xc_hypercall_buffer_t));
SAME_FIELD(abi::HypercallBuffer, hbuf, xc_hypercall_buffer_t, hbuf);
SAME_FIELD(abi::HypercallBuffer, param_shadow, xc_hypercall_buffer_t, param_shadow);
SAME_FIELD(abi::HypercallBuffer, dir, xc_hypercall_buffer_t, dir);
SAME_FIELD(abi::HypercallBuffer, ubuf, xc_hypercall_buffer_t, ubuf);
SAME_FIELD(abi::HypercallBuffer, sz, xc_hypercall_buffer_t, sz);

static_assert(sizeof(abi::LogDirtyStats) == sizeof(xc_shadow_op_stats_t));
SAME_FIELD(abi::LogDirtyStats, fault_count, xc_shadow_op_stats_t, fault_count);
SAME_FIELD(abi::LogDirtyStats, dirty_count, xc_shadow_op_stats_t, dirty_count);
static_assert(abi::kLogDirtyOff == XEN_DOMCTL_SHADOW_OP_OFF);
static_assert(abi::kLogDirtyEnable == XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY);
static_assert(abi::kLogDirtyClean == XEN_DOMCTL_SHADOW_OP_CLEAN);
static_assert(abi::kLogDirtyPeek == XEN_DOMCTL_SHADOW_OP_PEEK);
static_assert(abi::kLogDirtyFinal == XEN_DOMCTL_SHADOW_LOGDIRTY_FINAL);

static_assert(abi::kPageTypeMask == XEN_DOMCTL_PFINFO_LTAB_MASK);
static_assert(abi::kPageInvalid == XEN_DOMCTL_PFINFO_XTAB);
static_assert(abi::kPageAllocOnly == XEN_DOMCTL_PFINFO_XALLOC);
static_assert(abi::kPageBroken == XEN_DOMCTL_PFINFO_BROKEN);

static_assert(sizeof(abi::CpuidLeaf) == sizeof(xen_cpuid_leaf_t));
static_assert(sizeof(abi::MsrEntry) == sizeof(xen_msr_entry_t));

constexpr std::uint32_t kXensParams[] = {
    HVM_PARAM_STORE_PFN,
    HVM_PARAM_IOREQ_PFN,
    HVM_PARAM_BUFIOREQ_PFN,
    HVM_PARAM_PAGING_RING_PFN,
    HVM_PARAM_MONITOR_RING_PFN,
    HVM_PARAM_SHARING_RING_PFN,
    HVM_PARAM_VM86_TSS_SIZED,
    HVM_PARAM_CONSOLE_PFN,
    HVM_PARAM_ACPI_IOPORTS_LOCATION,
    HVM_PARAM_VIRIDIAN,
    HVM_PARAM_IDENT_PT,
    HVM_PARAM_VM_GENERATION_ID_ADDR,
    HVM_PARAM_IOREQ_SERVER_PFN,
    HVM_PARAM_NR_IOREQ_SERVER_PAGES,
    HVM_PARAM_X87_FIP_WIDTH,
    HVM_PARAM_MCA_CAP,
};
constexpr bool same_params() {
    if (std::size(kXensParams) != std::size(abi::kMigratedHvmParams)) return false;
    for (std::size_t i = 0; i < std::size(kXensParams); ++i) {
        if (kXensParams[i] != abi::kMigratedHvmParams[i]) return false;
    }
    return true;
}
static_assert(same_params());

static_assert(abi::kXenVersionCall == __HYPERVISOR_xen_version);
static_assert(abi::kVersion == XENVER_version);
static_assert(abi::kExtraVersion == XENVER_extraversion);
static_assert(abi::kExtraVersionBytes == sizeof(xen_extraversion_t));

static_assert(sizeof(abi::Logger) == sizeof(xentoollog_logger));
SAME_FIELD(abi::Logger, vmessage, xentoollog_logger, vmessage);
SAME_FIELD(abi::Logger, progress, xentoollog_logger, progress);
SAME_FIELD(abi::Logger, destroy, xentoollog_logger, destroy);
static_assert(abi::kLogError == XTL_ERROR);

/// Two types that a call passes alike: both pointers, or numbers of one size.
template <class Ours, class Xens>
constexpr bool same_type() {
    if constexpr (std::is_void_v<Ours> || std::is_void_v<Xens>) {
        return std::is_void_v<Ours> && std::is_void_v<Xens>;
    } else {
        return std::is_pointer_v<Ours> == std::is_pointer_v<Xens> && sizeof(Ours) == sizeof(Xens);
    }
}
template <class Ours, class Xens>
struct SameCall : std::false_type {};
template <class OurResult, class XensResult, class... Ours, class... Xens>
requires(sizeof...(Ours) == sizeof...(Xens)) struct SameCall<OurResult (*)(Ours...), XensResult(Xens...)>
    : std::bool_constant<same_type<OurResult, XensResult>() && (same_type<Ours, Xens>() && ...)> {
};

#define SAME_CALL_AS(ours, xens) static_assert(SameCall<decltype(Libraries::ours), decltype(::xens)>::value)
#define SAME_CALL(name) SAME_CALL_AS(name, name)

SAME_CALL(xc_interface_open);
SAME_CALL(xc_interface_close);
SAME_CALL(xc_version);
SAME_CALL(xc_domain_getinfolist);
SAME_CALL(xc_domain_nr_gpfns);
SAME_CALL(xc_shadow_control);
SAME_CALL(xc_logdirty_control);
SAME_CALL_AS(xc_hypercall_buffer_alloc_pages, xc__hypercall_buffer_alloc_pages);
SAME_CALL_AS(xc_hypercall_buffer_free_pages, xc__hypercall_buffer_free_pages);
SAME_CALL(xc_domain_setmaxmem);
SAME_CALL(xc_domain_set_pod_target);
SAME_CALL(xc_domain_get_pod_target);
SAME_CALL(xc_domain_getvnuma);
SAME_CALL(xc_domain_get_tsc_info);
SAME_CALL(xc_domain_hvm_getcontext);
SAME_CALL(xc_hvm_param_get);
SAME_CALL(xc_domain_resume);
SAME_CALL(xc_cpu_policy_init);
SAME_CALL(xc_cpu_policy_destroy);
SAME_CALL(xc_cpu_policy_get_size);
SAME_CALL(xc_cpu_policy_get_domain);
SAME_CALL(xc_cpu_policy_serialise);
SAME_CALL(xenforeignmemory_open);
SAME_CALL(xenforeignmemory_close);
SAME_CALL(xenforeignmemory_map);
SAME_CALL(xenforeignmemory_unmap);
SAME_CALL(xs_open);
SAME_CALL(xs_close);
SAME_CALL(xs_directory);
SAME_CALL(xs_read);
SAME_CALL(xs_write);
SAME_CALL(xs_watch);
SAME_CALL(xs_unwatch);
SAME_CALL(xs_fileno);
SAME_CALL(xs_check_watch);
SAME_CALL(xs_transaction_start);
SAME_CALL(xs_transaction_end);
SAME_CALL(xs_resume_domain);

}  // namespace
}  // namespace vmbuddies::xen

#endif
#endif
