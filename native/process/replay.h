// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>

#include "process/workload.h"

namespace vmbuddies::process {

/// What ProcessDomain::digest() must be for a guest that was started with `memory_bytes` and `workload` and has made
/// `steps` page writes (DomainInfo::writes), wherever it ran: computed by making them again, without a clock and
/// without a guest. `present_bytes` is DomainInfo::present_bytes. Needs that much memory while it runs.
/// kArgument for what no guest could be.
std::uint64_t replay_digest(std::uint64_t memory_bytes, const Workload& workload, std::uint64_t steps,
                            std::uint64_t present_bytes);

}  // namespace vmbuddies::process
