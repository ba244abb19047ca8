// SPDX-License-Identifier: MIT
#include "process/memory_budget.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/error.h"
#include "core/size_text.h"
#include "process/free_memory.h"
#include "process/process_domain.h"

namespace vmbuddies::process {
namespace {

/// What a guest may still come to touch.
std::uint64_t untouched(const DomainInfo& info) {
    return info.memory_bytes - std::min(info.memory_bytes, info.present_bytes);
}

}  // namespace

MemoryBudget::MemoryBudget(std::string registry, std::uint64_t max_bytes, std::string system_root)
    : registry_(std::move(registry)), max_bytes_(max_bytes), system_root_(std::move(system_root)) {}

MemoryBudget::Share::Share(Share&& other) noexcept
    : budget_(std::exchange(other.budget_, nullptr)), number_(other.number_) {}

MemoryBudget::Share::~Share() {
    if (budget_ == nullptr) return;
    const std::lock_guard lock(budget_->mutex_);
    budget_->taken_.remove_if([this](const Taken& taken) { return taken.number == number_; });
}

void MemoryBudget::Share::started() noexcept {
    MemoryBudget* const budget = std::exchange(budget_, nullptr);
    const std::lock_guard lock(budget->mutex_);
    for (Taken& taken : budget->taken_) taken.started |= taken.number == number_;
}

MemoryBudget::Share MemoryBudget::take(const std::string& uuid, std::uint64_t bytes) {
    const std::lock_guard lock(mutex_);
    const std::vector<DomainInfo> here = ProcessDomain::list(registry_);
    const auto find = [&](const Taken& taken, bool incoming) {
        return std::ranges::find_if(
            here, [&](const DomainInfo& info) { return info.uuid == taken.uuid && info.incoming == incoming; });
    };
    taken_.remove_if([&](const Taken& taken) { return taken.started && find(taken, false) == here.end(); });

    std::uint64_t held = 0;
    std::uint64_t promised = 0;
    for (const DomainInfo& info : here) promised += untouched(info);
    for (const Taken& taken : taken_) {
        held += taken.bytes;
        if (!taken.started && find(taken, true) == here.end()) promised += taken.bytes;  // its guest is not up yet
    }
    if (bytes > max_bytes_ || held > max_bytes_ - bytes) {
        throw Error(ErrorCode::kMemory, "memory",
                    "It needs " + size_text(bytes) + ", and of the " + size_text(max_bytes_) +
                        " for domains that come here " + size_text(held) + " are taken.");
    }
    const FreeMemory free = free_memory(system_root_);
    const std::uint64_t kept = std::min(free.bytes, promised + kMargin);
    if (bytes > free.bytes - kept) {
        throw Error(ErrorCode::kMemory, "memory",
                    "It needs " + size_text(bytes) + ", and of the " + size_text(free.bytes) + " that " + free.limit +
                        " " + size_text(kept) + " are promised to guests or kept for this program.");
    }
    taken_.push_back({.number = next_, .uuid = uuid, .bytes = bytes});
    return Share(*this, next_++);
}

}  // namespace vmbuddies::process
