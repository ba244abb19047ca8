// SPDX-License-Identifier: MIT
#pragma once
#include <poll.h>

#include <chrono>
#include <span>
#include <stop_token>

namespace vmbuddies {

/// poll(2) that a stop ends: waits until something in `polled` (seven at the most, negative descriptors are passed
/// over) is ready, and tells whether it is; false when `deadline` has passed, however far that lies back. Aborted as
/// soon as `stop` is stopped, from whatever thread.
bool wait_any(std::span<pollfd> polled, std::chrono::steady_clock::time_point deadline, const std::stop_token& stop);

}  // namespace vmbuddies
