// SPDX-License-Identifier: MIT
#include "xen/hvm_records.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace vmbuddies::xen {
namespace {

template <class Entry>
std::span<const std::byte> first_bytes(const std::vector<Entry>& entries, std::size_t count) {
    return std::as_bytes(std::span(entries)).first(count * sizeof(Entry));
}

void write_tsc_info(XenDomain::Connections& guest, StreamWriter& stream) {
    stream::TscInfo tsc;
    if (guest.libraries().xc_domain_get_tsc_info(guest.control(), guest.domid(), &tsc.mode, &tsc.nanoseconds, &tsc.khz,
                                                 &tsc.incarnation) != 0) {
        guest.fail(ErrorCode::kSystem, "tail", "The time stamp counter of " + guest.name() + " cannot be read");
    }
    stream.record(stream::RecordType::kX86TscInfo, std::as_bytes(std::span(&tsc, 1)));
}

void write_hvm_context(XenDomain::Connections& guest, StreamWriter& stream) {
    const auto get = [&](std::uint8_t* out, std::size_t bytes) {
        const int length = guest.libraries().xc_domain_hvm_getcontext(guest.control(), guest.domid(), out,
                                                                      static_cast<std::uint32_t>(bytes));
        if (length < 0) {
            guest.fail(ErrorCode::kSystem, "tail", "The processors' state of " + guest.name() + " cannot be read");
        }
        return static_cast<std::size_t>(length);
    };
    std::vector<std::uint8_t> context(get(nullptr, 0));
    context.resize(get(context.data(), context.size()));
    stream.record(stream::RecordType::kHvmContext, std::as_bytes(std::span(context)));
}

void write_hvm_params(XenDomain::Connections& guest, StreamWriter& stream) {
    std::vector<std::uint64_t> body{0};
    for (const std::uint32_t index : abi::kMigratedHvmParams) {
        std::uint64_t value = 0;
        if (guest.libraries().xc_hvm_param_get(guest.control(), guest.domid(), index, &value) != 0) {
            guest.fail(ErrorCode::kSystem, "tail",
                       "HVM parameter " + std::to_string(index) + " of " + guest.name() + " cannot be read");
        }
        if (value == 0) continue;
        body.insert(body.end(), {index, value});
        ++body.front();  // the count, and a reserved word of zeros in its upper half
    }
    if (body.front() != 0) stream.record(stream::RecordType::kHvmParams, std::as_bytes(std::span(body)));
}

}  // namespace

void write_cpu_policy(XenDomain::Connections& guest, StreamWriter& stream) {
    const Libraries& xen = guest.libraries();
    const std::string unreadable = "The CPU policy of " + guest.name() + " cannot be read";
    std::uint32_t leaf_count = 0;
    std::uint32_t msr_count = 0;
    const std::unique_ptr<abi::CpuPolicy, void (*)(abi::CpuPolicy*)> policy(xen.xc_cpu_policy_init(),
                                                                            xen.xc_cpu_policy_destroy);
    if (!policy || xen.xc_cpu_policy_get_size(guest.control(), &leaf_count, &msr_count) != 0 ||
        xen.xc_cpu_policy_get_domain(guest.control(), guest.domid(), policy.get()) != 0) {
        guest.fail(ErrorCode::kSystem, "head", unreadable);
    }
    std::vector<abi::CpuidLeaf> leaves(leaf_count);
    std::vector<abi::MsrEntry> msrs(msr_count);
    if (xen.xc_cpu_policy_serialise(guest.control(), policy.get(), leaves.data(), &leaf_count, msrs.data(),
                                    &msr_count) != 0) {
        guest.fail(ErrorCode::kSystem, "head", unreadable);
    }
    // The counts are now those of what is there; a receiver takes an empty record for an error.
    if (leaf_count > 0) stream.record(stream::RecordType::kX86CpuidPolicy, first_bytes(leaves, leaf_count));
    if (msr_count > 0) stream.record(stream::RecordType::kX86MsrPolicy, first_bytes(msrs, msr_count));
}

void write_hvm_state(XenDomain::Connections& guest, StreamWriter& stream) {
    write_tsc_info(guest, stream);
    write_hvm_context(guest, stream);
    write_hvm_params(guest, stream);
}

}  // namespace vmbuddies::xen
