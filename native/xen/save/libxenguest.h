// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>

#include "xen/abi.h"

/// What xc_domain_save() takes, in the layout of xenguest.h (the same from Xen 4.15 to 4.22).
namespace vmbuddies::xen::save {

/// struct precopy_stats.
struct PrecopyStats {
    unsigned iteration;
    unsigned long total_written;
    long dirty_count;  ///< -1 after a round, when the log has not been taken
};

/// struct save_callbacks. Those that are left nullptr are for checkpointed streams.
struct SaveCallbacks {
    int (*suspend)(void* data);  ///< not 0: suspended
    int (*precopy_policy)(PrecopyStats stats, void* data);
    int (*postcopy)(void* data) = nullptr;
    int (*checkpoint)(void* data) = nullptr;
    int (*wait_checkpoint)(void* data) = nullptr;
    int (*switch_qemu_logdirty)(std::uint32_t domid, unsigned enable, void* data);
    void* data;
};

inline constexpr std::uint32_t kLive = 1u << 0;   ///< XCFLAGS_LIVE
inline constexpr std::uint32_t kDebug = 1u << 1;  ///< XCFLAGS_DEBUG: all pages once more at the end, to be compared
inline constexpr int kPlainStream = 0;            ///< XC_STREAM_PLAIN

using XcDomainSave = int(abi::XcInterface*, int stream_fd, std::uint32_t domid, std::uint32_t flags, SaveCallbacks*,
                         int stream_type, int receive_fd);

}  // namespace vmbuddies::xen::save
