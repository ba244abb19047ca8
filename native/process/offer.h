// SPDX-License-Identifier: MIT
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "process/process_domain.h"
#include "process/wire.h"
#include "process/workload.h"

namespace vmbuddies::process {

/// 32 lower-case hexadecimal digits?
inline constexpr std::size_t kUuidDigits = 32;
bool is_uuid(const std::string& uuid);

/// Which domain is to come. On the wire, in this order and with nothing after it: text uuid, text name, u64
/// memory_bytes, u64 present_bytes, then of the workload u32 kind, u64 seed, used_pages, wws_pages, hot_pages, f64
/// hot_writes_per_second, cold_writes_per_second, low_level, period_seconds, phase.
struct Offer {
    std::string uuid;  ///< 32 lower-case hexadecimal digits
    std::string name;
    std::uint64_t memory_bytes = 0;
    /// The first so many bytes hold data, no less than the workload uses; the rest is given back. A hint: it may change
    /// before the first page is sent.
    std::uint64_t present_bytes = 0;
    Workload workload;

    static Offer of(const DomainInfo& domain);

    WireWriter encode() const;
    /// Trusts nothing: kStream if it is malformed, kArgument if no such domain can exist.
    static Offer decode(std::span<const std::byte> bytes);
};

}  // namespace vmbuddies::process
