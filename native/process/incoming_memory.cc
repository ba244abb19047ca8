// SPDX-License-Identifier: MIT
#include "process/incoming_memory.h"

#include <fcntl.h>
#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "core/error.h"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

namespace vmbuddies::process {
namespace {

/// Large enough for the calls' cost not to count, small enough to look at the clock every few milliseconds.
constexpr std::uint64_t kSecureStepPages = 1024;

}  // namespace

IncomingMemory::IncomingMemory(int memory_fd, std::span<std::byte> memory)
    : memory_fd_(memory_fd),
      memory_(memory),
      secured_(memory.size() >> kPageShift),
      written_(memory.size() >> kPageShift) {}

void IncomingMemory::secure_ahead(std::uint64_t bytes, std::chrono::milliseconds allowed, const std::stop_token& stop) {
    const auto deadline = std::chrono::steady_clock::now() + allowed;
    const Pfn end = std::min<std::uint64_t>(bytes, memory_.size()) >> kPageShift;
    for (Pfn first = 0; first < end; first += kSecureStepPages) {
        if (stop.stop_requested()) throw Aborted{};
        if (std::chrono::steady_clock::now() >= deadline) return;
        secure(first, std::min(kSecureStepPages, end - first));
    }
}

/// fallocate() reports what a first touch would die of. Mapping the pages then, many in one call, costs half of
/// letting every one fault in the middle of a receive; where the system does not know how (before Linux 5.14), they do
/// fault.
void IncomingMemory::secure(Pfn first, std::uint64_t count) {
    const off_t offset = static_cast<off_t>(first << kPageShift);
    const std::size_t bytes = count << kPageShift;
    int result = 0;
    do {
        result = fallocate(memory_fd_, FALLOC_FL_KEEP_SIZE, offset, static_cast<off_t>(bytes));
    } while (result != 0 && errno == EINTR);
    if (result != 0) {
        const int error = errno;
        throw Error(ErrorCode::kMemory, "memory",
                    "Memory for the domain could not be had: " + std::generic_category().message(error) + '.', error);
    }
    madvise(memory_.data() + offset, bytes, MADV_POPULATE_WRITE);
    secured_.set_range(first, first + count);
}

void IncomingMemory::secure_missing(Pfn first, Pfn end) {
    for (Pfn begin = secured_.find_clear(first); begin < end; begin = secured_.find_clear(begin)) {
        secure(begin, std::min(secured_.find_set(begin), end) - begin);
    }
}

std::byte* IncomingMemory::place(Pfn first, std::uint64_t count) {
    const Pfn end = first + count;
    secure_missing(first, end);
    written_.set_range(first, end);
    return memory_.data() + (first << kPageShift);
}

void IncomingMemory::zero(Pfn first, std::uint64_t count) {
    // Present there, so present here: a guest has as much memory as it had. What never held data is zero as it is.
    secure_missing(first, first + count);
    written_.for_each_run(
        [this](Pfn begin, std::uint64_t pages) {
            std::memset(memory_.data() + (begin << kPageShift), 0, pages << kPageShift);
        },
        first, first + count);
}

void IncomingMemory::record(stream::RecordType type, std::span<const std::byte> body) {
    if (type != stream::RecordType::kProcessTail) {
        throw Error(ErrorCode::kStream, "tail", "A process domain has no other record than its tail.");
    }
    if (tail_) throw Error(ErrorCode::kStream, "tail", "The stream has two tails.");
    tail_ = ProcessTail::decode(body);
}

}  // namespace vmbuddies::process
