// SPDX-License-Identifier: MIT
#include "process/offer.h"

#include <algorithm>

#include "core/error.h"
#include "core/size_text.h"
#include "process/registry.h"

namespace vmbuddies::process {
namespace {

constexpr std::size_t kLongestName = 64;

}  // namespace

bool is_uuid(const std::string& uuid) {
    return uuid.size() == kUuidDigits &&
           std::ranges::all_of(uuid, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

Offer Offer::of(const DomainInfo& domain) {
    return {domain.uuid, domain.name, domain.memory_bytes, domain.present_bytes, domain.workload};
}

WireWriter Offer::encode() const {
    WireWriter wire;
    wire.text(uuid);
    wire.text(name);
    wire.u64(memory_bytes);
    wire.u64(present_bytes);
    wire.u32(static_cast<std::uint32_t>(workload.kind));
    for (const std::uint64_t value : {workload.seed, workload.used_pages, workload.wws_pages, workload.hot_pages}) {
        wire.u64(value);
    }
    for (const double value : {workload.hot_writes_per_second, workload.cold_writes_per_second, workload.low_level,
                               workload.period_seconds, workload.phase}) {
        wire.f64(value);
    }
    return wire;
}

Offer Offer::decode(std::span<const std::byte> bytes) {
    WireReader wire(bytes);
    Offer offer;
    offer.uuid = wire.text(kUuidDigits);
    offer.name = wire.text(kLongestName);
    offer.memory_bytes = wire.u64();
    offer.present_bytes = wire.u64();
    Workload& load = offer.workload;
    load.kind = static_cast<WorkloadKind>(wire.u32());
    for (std::uint64_t* value : {&load.seed, &load.used_pages, &load.wws_pages, &load.hot_pages}) *value = wire.u64();
    for (double* value : {&load.hot_writes_per_second, &load.cold_writes_per_second, &load.low_level,
                          &load.period_seconds, &load.phase}) {
        *value = wire.f64();
    }
    wire.end();

    if (!is_uuid(offer.uuid)) throw Error(ErrorCode::kArgument, "offer", "The uuid is not 32 hexadecimal digits.");
    check_domain_name(offer.name);
    check_workload(offer.memory_bytes, load);
    if (offer.present_bytes % kPageSize != 0 || offer.present_bytes > offer.memory_bytes ||
        offer.present_bytes < load.used_pages * kPageSize) {
        throw Error(ErrorCode::kArgument, "offer",
                    size_text(offer.present_bytes) + " cannot be present of this domain's memory.");
    }
    return offer;
}

}  // namespace vmbuddies::process
