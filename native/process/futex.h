// SPDX-License-Identifier: MIT
#pragma once
#include <atomic>
#include <chrono>
#include <cstdint>

namespace vmbuddies::process {

/// Futexes between processes, on words in shared memory.
/// Returns when woken, when `word` no longer holds `expected`, after `timeout`, or for no reason at all.
void futex_wait(const std::atomic<std::uint32_t>& word, std::uint32_t expected,
                std::chrono::nanoseconds timeout) noexcept;
void futex_wake_all(const std::atomic<std::uint32_t>& word) noexcept;

}  // namespace vmbuddies::process
