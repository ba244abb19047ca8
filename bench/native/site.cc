// SPDX-License-Identifier: MIT
#include "site.h"

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "core/error.h"

namespace vmbuddies::bench {

using process::ProcessDomain;
using process::Workload;

Site::Site() : registry_(std::filesystem::temp_directory_path() / "vmbuddies-bench-XXXXXX") {
    if (::mkdtemp(registry_.data()) == nullptr) throw Error::system("bench", "No folder can be made", errno);
}

Site::~Site() {
    std::error_code ignored;  // nobody is left to be told
    std::filesystem::remove_all(registry_, ignored);
}

std::unique_ptr<ProcessDomain> Site::start(std::uint64_t memory_bytes, Workload workload, const char* program) const {
    workload.used_pages = memory_bytes >> kPageShift;
    return ProcessDomain::start(
        registry_, {.name = "guest", .memory_bytes = memory_bytes, .workload = workload, .guest_program = program});
}

std::unique_ptr<ProcessDomain> Site::open() const { return ProcessDomain::open(registry_, "guest"); }

process::Receiver::Options Site::receiver() const {
    return {.registry = registry_, .guest_program = VMBUDDIES_GUEST, .max_memory_bytes = 2 * kGiB};
}

Workload steady(std::uint64_t wws_bytes, double writes_per_second) {
    return {.kind = process::WorkloadKind::kSteady,
            .wws_pages = wws_bytes >> kPageShift,
            .cold_writes_per_second = writes_per_second};
}

}  // namespace vmbuddies::bench
