// SPDX-License-Identifier: MIT
#pragma once
#include <bit>
#include <cstddef>
#include <cstdint>

/// Xen's migration stream, version 3 (xen/docs/specs/libxc-migration-stream.pandoc). Numbers are little-endian on the
/// wire unless said otherwise, as they are on every machine this runs on.
namespace vmbuddies::stream {

static_assert(std::endian::native == std::endian::little);

inline constexpr std::uint64_t kMarker = 0xFFFFFFFFFFFFFFFFu;
inline constexpr std::uint32_t kId = 0x58454E46;  ///< "XENF", big-endian on the wire
inline constexpr std::uint32_t kVersion = 3;      ///< big-endian on the wire
inline constexpr std::size_t kImageHeaderBytes = 24;
inline constexpr std::size_t kDomainHeaderBytes = 16;
inline constexpr std::size_t kRecordHeaderBytes = 8;
/// Record bodies are padded with zeros to a multiple of this.
inline constexpr std::size_t kRecordAlignment = 8;

struct ImageHeader {
    std::uint64_t marker = kMarker;
    std::uint32_t id_be = __builtin_bswap32(kId);
    std::uint32_t version_be = __builtin_bswap32(kVersion);
    std::uint16_t options_be = 0;  ///< bit 0: the stream is big-endian
    std::uint8_t reserved[6] = {};
};
static_assert(sizeof(ImageHeader) == kImageHeaderBytes);

enum class DomainType : std::uint32_t { kX86Pv = 1, kX86Hvm = 2, kProcess = 0x70726f63 };

struct DomainHeader {
    DomainType type;
    std::uint16_t page_shift;
    std::uint16_t reserved = 0;
    std::uint32_t xen_major = 0;
    std::uint32_t xen_minor = 0;
};
static_assert(sizeof(DomainHeader) == kDomainHeaderBytes);

enum class RecordType : std::uint32_t {
    kEnd = 0x00,
    kPageData = 0x01,
    kX86TscInfo = 0x08,
    kHvmContext = 0x09,  ///< what xc_domain_hvm_getcontext() gives
    kHvmParams = 0x0a,   ///< u32 count, u32 0, and as many pairs of u64 index, u64 value
    /// From here on the receiver compares pages with what it has instead of storing them.
    kVerify = 0x0d,
    kStaticDataEnd = 0x10,
    kX86CpuidPolicy = 0x11,  ///< xen_cpuid_leaf_t[]
    kX86MsrPolicy = 0x12,    ///< xen_msr_entry_t[]
    /// Optional records (bit 31) are ignored by a receiver that does not know them.
    kHeartbeat = 0x80000001,
    /// The tail of a process domain (native/process).
    kProcessTail = 0x80000050,
};
inline constexpr std::uint32_t kOptional = 0x80000000;

struct RecordHeader {
    RecordType type;
    std::uint32_t length;  ///< of the body, without the padding
};
static_assert(sizeof(RecordHeader) == kRecordHeaderBytes);

/// The body of X86_TSC_INFO.
struct TscInfo {
    std::uint32_t mode = 0;
    std::uint32_t khz = 0;
    std::uint64_t nanoseconds = 0;
    std::uint32_t incarnation = 0;
    std::uint32_t reserved = 0;
};
static_assert(sizeof(TscInfo) == 24);

/// A PAGE_DATA body is this, `count` entries, and 4096 bytes for every entry whose type has data.
struct PageDataHeader {
    std::uint32_t count;
    std::uint32_t reserved = 0;
};
static_assert(sizeof(PageDataHeader) == 8);

/// Bits 60..63 of a PAGE_DATA entry. Only kNormal has data.
enum class PageType : std::uint64_t { kNormal = 0x0, kBroken = 0xd, kAllocOnly = 0xe, kInvalid = 0xf };
inline constexpr unsigned kPageTypeShift = 60;
inline constexpr std::uint64_t kPfnMask = (std::uint64_t{1} << 52) - 1;

/// Entries in one PAGE_DATA record at the most: MAX_BATCH_SIZE of xg_save_restore.h.
inline constexpr std::uint32_t kMaxBatch = 1024;
/// Longest record body a reader accepts: REC_LENGTH_MAX of xg_sr_stream_format.h.
inline constexpr std::uint32_t kMaxRecordBytes = 128u << 20;

}  // namespace vmbuddies::stream
