// SPDX-License-Identifier: MIT
#include "process/replay.h"

#include "core/error.h"
#include "process/digest.h"
#include "process/guest_memory.h"
#include "process/memory_file.h"

namespace vmbuddies::process {

std::uint64_t replay_digest(std::uint64_t memory_bytes, const Workload& workload, std::uint64_t steps,
                            std::uint64_t present_bytes) {
    check_workload(memory_bytes, workload);
    const Pfn present_pages = present_bytes >> kPageShift;
    if (present_bytes > memory_bytes || present_pages < workload.used_pages) {
        throw Error(ErrorCode::kArgument, "replay",
                    "present_bytes must be from what the workload uses to the whole memory.");
    }
    if (steps > 0 && peak_writes_per_second(workload) <= 0) {
        throw Error(ErrorCode::kArgument, "replay", "This workload makes no writes.");
    }
    const UniqueFd file = create_memory_file("vmbuddies-replay", memory_bytes);
    const Mapping mapping = Mapping::shared(file.get(), memory_bytes);
    GuestMemory memory(mapping.base(), memory_bytes >> kPageShift, file.get());
    memory.format(workload);
    while (!memory.balloon(present_pages)) {
    }
    for (std::uint64_t i = 0; i < steps; ++i) memory.step();
    return digest_memory(file.get(), mapping.base(), memory.pages());
}

}  // namespace vmbuddies::process
