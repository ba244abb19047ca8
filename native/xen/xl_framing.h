// SPDX-License-Identifier: MIT
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace vmbuddies::xen {

/// What `xl migrate` and `xl migrate-receive` say to each other, the same from Xen 4.6 on (libxl stream version 2):
///
///     sender                                   receiver
///       │ ◄─────────────────────────── banner ─ │
///       │ ── xl header, configuration ────────► │
///       │ ── libxl header, LIBXC_CONTEXT ─────► │
///       │ ══ libxc stream, up to its END ═════► │  creates NAME--incoming and fills its memory
///       │ ── libxl END ───────────────────────► │
///       │ ◄──────────────────────────── ready ─ │  the domain is built and paused
///       │ ── GO ──────────────────────────────► │  renames it to NAME and lets it run
///       │ ◄─────────────────── report, status ─ │  status 0: it runs
///       │ ◄─────── permission (the words GO) ── │  only after another status: the copy is destroyed
///
/// A sender that is silent for ever after "ready" (end of file in place of GO) is answered with report, a status other
/// than 0 and permission, all the same. The texts are those of migrate_* in tools/xl/xl.h; each but the banner goes
/// with its terminating NUL.
namespace xl {

namespace detail {
template <std::size_t size>
constexpr std::string_view with_nul(const char (&text)[size]) {
    return {text, size};
}
}  // namespace detail

inline constexpr std::string_view kBanner = "xl migration receiver ready, send binary domain data.\n";
inline constexpr std::string_view kReady = detail::with_nul("domain received, ready to unpause");
inline constexpr std::string_view kGo = detail::with_nul("domain is yours, you are cleared to unpause");
inline constexpr std::string_view kReport = detail::with_nul("my copy unpause results are as follows");
inline constexpr std::string_view kPermission = kGo;
static_assert(kBanner.size() == 54 && kReady.size() == 34 && kGo.size() == 44 && kReport.size() == 39);

}  // namespace xl

/// libxl's framing around the libxc stream (docs/specs/libxl-migration-stream, version 2): a big-endian header, then
/// records of u32 type, u32 length, little-endian on x86.
namespace libxl {

inline constexpr std::array<std::uint8_t, 24> kHead{
    'L', 'i', 'b', 'x', 'l', 'F', 'm', 't',  // ident
    0,   0,   0,   2,                        // version
    0,   0,   0,   0,                        // options: little-endian records, not from a legacy stream
    1,   0,   0,   0,   0,   0,   0,   0,    // LIBXC_CONTEXT: the libxc stream follows, outside of any record
};
inline constexpr std::array<std::uint8_t, 8> kEnd{};  // END, no body

}  // namespace libxl
}  // namespace vmbuddies::xen
