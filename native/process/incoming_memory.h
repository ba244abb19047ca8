// SPDX-License-Identifier: MIT
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>

#include "core/bitmap.h"
#include "core/stream_reader.h"
#include "process/process_tail.h"

namespace vmbuddies::process {

/// Rebuilds a guest's memory in place: the stream's pages go straight into the mapping of its memory file. No page is
/// touched before the file system has promised it, so that a lack of memory is kMemory here and never SIGBUS.
class IncomingMemory : public StreamHandler {
   public:
    /// `memory` is the whole mapping of `memory_fd`, all zero.
    IncomingMemory(int memory_fd, std::span<std::byte> memory);

    /// Obtains and maps the first `bytes` in advance, for no longer than `allowed`: the stream then runs at
    /// the speed of the copy, several times that of first touches, and round 0 leaves less dirty behind.
    void secure_ahead(std::uint64_t bytes, std::chrono::milliseconds allowed, const std::stop_token& stop);

    std::byte* place(Pfn first, std::uint64_t count) override;
    void zero(Pfn first, std::uint64_t count) override;
    void record(stream::RecordType type, std::span<const std::byte> body) override;

    /// The tail, once it has come.
    const std::optional<ProcessTail>& tail() const noexcept { return tail_; }

   private:
    void secure(Pfn first, std::uint64_t count);
    void secure_missing(Pfn first, Pfn end);

    int memory_fd_;
    std::span<std::byte> memory_;
    Bitmap secured_;  ///< can be touched
    Bitmap written_;  ///< has been handed out by place()
    std::optional<ProcessTail> tail_;
};

}  // namespace vmbuddies::process
