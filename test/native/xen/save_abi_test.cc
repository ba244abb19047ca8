// SPDX-License-Identifier: MIT
// native/xen/save/libxenguest.h and the answers of save_messages.h against Xen's own header, where it is installed.
// What differs does not compile.
#if __has_include(<xenguest.h>)

extern "C" {
#include <xenctrl.h>

#include <xenguest.h>
}

#include <cstddef>
#include <type_traits>

#include "xen/save/libxenguest.h"
#include "xen/save_messages.h"

namespace vmbuddies::xen::save {
namespace {

static_assert(sizeof(PrecopyStats) == sizeof(precopy_stats));
static_assert(offsetof(PrecopyStats, iteration) == offsetof(precopy_stats, iteration));
static_assert(offsetof(PrecopyStats, total_written) == offsetof(precopy_stats, total_written));
static_assert(offsetof(PrecopyStats, dirty_count) == offsetof(precopy_stats, dirty_count));

static_assert(sizeof(SaveCallbacks) == sizeof(save_callbacks));
static_assert(offsetof(SaveCallbacks, suspend) == offsetof(save_callbacks, suspend));
static_assert(offsetof(SaveCallbacks, precopy_policy) == offsetof(save_callbacks, precopy_policy));
static_assert(offsetof(SaveCallbacks, switch_qemu_logdirty) == offsetof(save_callbacks, switch_qemu_logdirty));
static_assert(offsetof(SaveCallbacks, data) == offsetof(save_callbacks, data));

static_assert(kLive == XCFLAGS_LIVE && kDebug == XCFLAGS_DEBUG && kPlainStream == XC_STREAM_PLAIN);
static_assert(kAbort == XGS_POLICY_ABORT && kContinue == XGS_POLICY_CONTINUE_PRECOPY);
static_assert(kStopAndCopy == XGS_POLICY_STOP_AND_COPY);

static_assert(std::is_same_v<decltype(::xc_domain_save), int(xc_interface*, int, std::uint32_t, std::uint32_t,
                                                             save_callbacks*, xc_stream_type_t, int)>);
static_assert(
    std::is_same_v<XcDomainSave, int(abi::XcInterface*, int, std::uint32_t, std::uint32_t, SaveCallbacks*, int, int)>);
static_assert(sizeof(xc_stream_type_t) == sizeof(int));

}  // namespace
}  // namespace vmbuddies::xen::save

#endif
