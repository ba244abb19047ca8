// SPDX-License-Identifier: MIT
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <string>

#include "xen/abi.h"

namespace vmbuddies::xen {

/// Xen's own libraries, opened at first need, so that the addon loads where there is no Xen. Those that belong to one
/// release (libxenctrl, libxenguest) are opened in the release of the hypervisor that runs. A member is the function
/// of that name in xenctrl.h, xenguest.h, xenforeignmemory.h or xenstore.h.
class Libraries {
   public:
    /// The one set of this process. kUnavailable, in one sentence that says what is missing: a hypervisor, the
    /// privilege of domain 0, a library, a release that is known here.
    static const Libraries& get();

    /// Of the hypervisor, for example "4.17.7".
    const std::string& version() const noexcept { return version_; }
    std::uint32_t major() const noexcept { return major_; }
    std::uint32_t minor() const noexcept { return minor_; }

    // libxenctrl
    abi::XcInterface* (*xc_interface_open)(abi::Logger*, abi::Logger* builder, unsigned flags);
    int (*xc_interface_close)(abi::XcInterface*);
    int (*xc_version)(abi::XcInterface*, int command, void* out);
    int (*xc_domain_getinfolist)(abi::XcInterface*, std::uint32_t first, unsigned max, abi::DomainInfo*);
    int (*xc_domain_nr_gpfns)(abi::XcInterface*, std::uint32_t domid, std::uint64_t* pages);
    /// Not in xenctrl.h, but exported: replaces page numbers with their types.
    int (*xc_get_pfn_type_batch)(abi::XcInterface*, std::uint32_t domid, unsigned count, std::uint64_t* pages);
    int (*xc_shadow_control)(abi::XcInterface*, std::uint32_t domid, unsigned operation, unsigned* mb, unsigned mode);
    long long (*xc_logdirty_control)(abi::XcInterface*, std::uint32_t domid, unsigned operation, abi::HypercallBuffer*,
                                     unsigned long pages, unsigned mode, abi::LogDirtyStats*);
    /// Xen's own names of this and the next have a second underscore after xc.
    void* (*xc_hypercall_buffer_alloc_pages)(abi::XcInterface*, abi::HypercallBuffer*, int pages);
    void (*xc_hypercall_buffer_free_pages)(abi::XcInterface*, abi::HypercallBuffer*, int pages);
    int (*xc_domain_setmaxmem)(abi::XcInterface*, std::uint32_t domid, std::uint64_t kib);
    int (*xc_domain_set_pod_target)(abi::XcInterface*, std::uint32_t domid, std::uint64_t target, std::uint64_t* total,
                                    std::uint64_t* cache, std::uint64_t* entries);
    int (*xc_domain_get_pod_target)(abi::XcInterface*, std::uint32_t domid, std::uint64_t* total, std::uint64_t* cache,
                                    std::uint64_t* entries);
    int (*xc_domain_getvnuma)(abi::XcInterface*, std::uint32_t domid, std::uint32_t* nodes, std::uint32_t* ranges,
                              std::uint32_t* vcpus, void* range, unsigned* distance, unsigned* vcpu_to_node);
    int (*xc_domain_get_tsc_info)(abi::XcInterface*, std::uint32_t domid, std::uint32_t* mode,
                                  std::uint64_t* nanoseconds, std::uint32_t* khz, std::uint32_t* incarnation);
    int (*xc_domain_hvm_getcontext)(abi::XcInterface*, std::uint32_t domid, std::uint8_t* out, std::uint32_t bytes);
    int (*xc_hvm_param_get)(abi::XcInterface*, std::uint32_t domid, std::uint32_t param, std::uint64_t* value);

    // libxenguest
    int (*xc_domain_resume)(abi::XcInterface*, std::uint32_t domid, int fast);
    abi::CpuPolicy* (*xc_cpu_policy_init)();
    void (*xc_cpu_policy_destroy)(abi::CpuPolicy*);
    int (*xc_cpu_policy_get_size)(abi::XcInterface*, std::uint32_t* leaves, std::uint32_t* msrs);
    int (*xc_cpu_policy_get_domain)(abi::XcInterface*, std::uint32_t domid, abi::CpuPolicy*);
    int (*xc_cpu_policy_serialise)(abi::XcInterface*, const abi::CpuPolicy*, abi::CpuidLeaf*, std::uint32_t* leaves,
                                   abi::MsrEntry*, std::uint32_t* msrs);

    // libxenforeignmemory
    abi::ForeignMemory* (*xenforeignmemory_open)(abi::Logger*, unsigned flags);
    int (*xenforeignmemory_close)(abi::ForeignMemory*);
    void* (*xenforeignmemory_map)(abi::ForeignMemory*, std::uint32_t domid, int protection, std::size_t count,
                                  const std::uint64_t* pages, int* errors);
    int (*xenforeignmemory_unmap)(abi::ForeignMemory*, void* address, std::size_t count);

    // libxenstore
    abi::XsHandle* (*xs_open)(unsigned long flags);
    void (*xs_close)(abi::XsHandle*);
    char** (*xs_directory)(abi::XsHandle*, std::uint32_t transaction, const char* path, unsigned* count);
    void* (*xs_read)(abi::XsHandle*, std::uint32_t transaction, const char* path, unsigned* length);
    bool (*xs_write)(abi::XsHandle*, std::uint32_t transaction, const char* path, const void* data, unsigned length);
    bool (*xs_watch)(abi::XsHandle*, const char* path, const char* token);
    bool (*xs_unwatch)(abi::XsHandle*, const char* path, const char* token);
    int (*xs_fileno)(abi::XsHandle*);
    char** (*xs_check_watch)(abi::XsHandle*);
    std::uint32_t (*xs_transaction_start)(abi::XsHandle*);
    bool (*xs_transaction_end)(abi::XsHandle*, std::uint32_t transaction, bool abort);
    bool (*xs_resume_domain)(abi::XsHandle*, unsigned domid);

   private:
    Libraries();
    void load_for(std::uint32_t major, std::uint32_t minor);
    void load_stable();
    void ask_hypervisor();

    std::string version_;
    std::uint32_t major_ = 0;
    std::uint32_t minor_ = 0;
};

}  // namespace vmbuddies::xen
