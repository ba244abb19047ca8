// SPDX-License-Identifier: MIT
#include "locked_memory.h"

#include <sys/mman.h>
#include <sys/sysinfo.h>

#include <cstdint>

namespace vmbuddies::lab {
namespace {

/// Without it, a size that just fits would leave the choice of what dies to the kernel.
constexpr std::uint64_t kReserveBytes = 8 << 20;

bool is_free(std::uint64_t bytes) noexcept {
    struct sysinfo memory;
    return ::sysinfo(&memory) == 0 && bytes + kReserveBytes <= memory.freeram * memory.mem_unit;
}

}  // namespace

LockedMemory::LockedMemory(std::size_t pages) noexcept {
    const std::size_t bytes = pages * kPageSize;
    if (pages == 0 || !is_free(bytes)) return;
    void* memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return;
    pages_ = {static_cast<Page*>(memory), pages};
    ::madvise(memory, bytes, MADV_NOHUGEPAGE);
    ::mlock(memory, bytes);
}

LockedMemory::~LockedMemory() {
    if (!pages_.empty()) ::munmap(pages_.data(), pages_.size_bytes());
}

}  // namespace vmbuddies::lab
