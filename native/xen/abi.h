// SPDX-License-Identifier: MIT
#pragma once
#include <cstdarg>
#include <cstddef>
#include <cstdint>

/// What is used of the tools' interface of Xen 4.17, in the layout of its C headers. Declared here, because the addon
/// is built where those headers are not installed, and because they are not written for C++. Where they are installed,
/// test/native/xen/abi_test.cc compares every size, offset, constant and function.
namespace vmbuddies::xen::abi {

struct XcInterface;    // xc_interface
struct XsHandle;       // struct xs_handle
struct ForeignMemory;  // xenforeignmemory_handle
struct CallHandle;     // xencall_handle
struct CpuPolicy;      // xc_cpu_policy_t

/// xc_domaininfo_t.
struct DomainInfo {
    std::uint16_t domain;
    std::uint16_t pad1;
    std::uint32_t flags;  ///< kDying and so on
    std::uint64_t tot_pages;
    std::uint64_t max_pages;
    std::uint64_t outstanding_pages;
    std::uint64_t shr_pages;
    std::uint64_t paged_pages;
    std::uint64_t shared_info_frame;
    std::uint64_t cpu_time;  ///< nanoseconds
    std::uint32_t nr_online_vcpus;
    std::uint32_t max_vcpu_id;
    std::uint32_t ssidref;
    std::uint8_t handle[16];
    std::uint32_t cpupool;
    std::uint8_t gpaddr_bits;
    std::uint8_t pad2[7];
    struct {
        std::uint32_t emulation_flags;
        std::uint32_t misc_flags;
    } arch_config;
};

inline constexpr std::uint32_t kDying = 1u << 0;     ///< XEN_DOMINF_dying
inline constexpr std::uint32_t kHvmGuest = 1u << 1;  ///< XEN_DOMINF_hvm_guest: HVM or PVH
inline constexpr std::uint32_t kShutdown = 1u << 2;  ///< XEN_DOMINF_shutdown, with the reason in bits 16..23
inline constexpr std::uint32_t kPaused = 1u << 3;    ///< XEN_DOMINF_paused
inline constexpr unsigned kShutdownReasonShift = 16;
inline constexpr std::uint32_t kShutdownReasonMask = 0xff;

/// SHUTDOWN_*: why a guest has stopped.
enum ShutdownReason : std::uint32_t { kPowerOff, kReboot, kSuspend, kCrash, kWatchdog, kSoftReset };

/// xc_hypercall_buffer_t: memory that the hypervisor may write to.
struct HypercallBuffer {
    void* hbuf;
    HypercallBuffer* param_shadow;
    int dir;
    void* ubuf;
    std::size_t sz;
};

/// xc_shadow_op_stats_t.
struct LogDirtyStats {
    std::uint32_t fault_count;
    std::uint32_t dirty_count;
};

inline constexpr unsigned kLogDirtyOff = 0;     ///< XEN_DOMCTL_SHADOW_OP_OFF
inline constexpr unsigned kLogDirtyEnable = 2;  ///< XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY
inline constexpr unsigned kLogDirtyClean = 11;  ///< XEN_DOMCTL_SHADOW_OP_CLEAN
inline constexpr unsigned kLogDirtyPeek = 12;   ///< XEN_DOMCTL_SHADOW_OP_PEEK
inline constexpr unsigned kLogDirtyFinal = 1;   ///< XEN_DOMCTL_SHADOW_LOGDIRTY_FINAL

inline constexpr std::uint64_t kPageTypeMask = 0xf0000000;   ///< XEN_DOMCTL_PFINFO_LTAB_MASK
inline constexpr std::uint64_t kPageInvalid = 0xf0000000;    ///< XEN_DOMCTL_PFINFO_XTAB
inline constexpr std::uint64_t kPageAllocOnly = 0xe0000000;  ///< XEN_DOMCTL_PFINFO_XALLOC
inline constexpr std::uint64_t kPageBroken = 0xd0000000;     ///< XEN_DOMCTL_PFINFO_BROKEN
/// Most pages that XEN_DOMCTL_getpageframeinfo3 looks at in one call.
inline constexpr std::size_t kMaxPageTypes = 1024;

/// xen_cpuid_leaf_t.
struct CpuidLeaf {
    std::uint32_t leaf, subleaf;
    std::uint32_t a, b, c, d;
};

/// xen_msr_entry_t.
struct MsrEntry {
    std::uint32_t idx;
    std::uint32_t flags;
    std::uint64_t val;
};

/// HVM_PARAM_*: those that a migration carries, in the order in which xc_domain_save() writes them.
inline constexpr std::uint32_t kMigratedHvmParams[] = {
    1,   // STORE_PFN
    5,   // IOREQ_PFN
    6,   // BUFIOREQ_PFN
    27,  // PAGING_RING_PFN
    28,  // MONITOR_RING_PFN
    29,  // SHARING_RING_PFN
    37,  // VM86_TSS_SIZED
    17,  // CONSOLE_PFN
    19,  // ACPI_IOPORTS_LOCATION
    9,   // VIRIDIAN
    12,  // IDENT_PT
    34,  // VM_GENERATION_ID_ADDR
    32,  // IOREQ_SERVER_PFN
    33,  // NR_IOREQ_SERVER_PAGES
    36,  // X87_FIP_WIDTH
    38,  // MCA_CAP
};

inline constexpr unsigned kXenVersionCall = 17;  ///< __HYPERVISOR_xen_version
inline constexpr int kVersion = 0;               ///< XENVER_version: major << 16 | minor
inline constexpr int kExtraVersion = 1;          ///< XENVER_extraversion
inline constexpr std::size_t kExtraVersionBytes = 16;

/// xentoollog_logger; a level from kLogError on tells of a failure.
struct Logger {
    void (*vmessage)(Logger*, unsigned level, int errno_value, const char* context, const char* format, va_list);
    void (*progress)(Logger*, const char* context, const char* doing, int percent, unsigned long done,
                     unsigned long total);
    void (*destroy)(Logger*);
};
inline constexpr unsigned kLogError = 8;  ///< XTL_ERROR

}  // namespace vmbuddies::xen::abi
