// SPDX-License-Identifier: MIT
#include "process/futex.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <climits>
#include <ctime>

namespace vmbuddies::process {

void futex_wait(const std::atomic<std::uint32_t>& word, std::uint32_t expected,
                std::chrono::nanoseconds timeout) noexcept {
    constexpr std::int64_t kSecond = 1'000'000'000;
    if (timeout.count() <= 0) return;
    const timespec relative{static_cast<time_t>(timeout.count() / kSecond), timeout.count() % kSecond};
    ::syscall(SYS_futex, &word, FUTEX_WAIT, expected, &relative, nullptr, 0);
}

void futex_wake_all(const std::atomic<std::uint32_t>& word) noexcept {
    ::syscall(SYS_futex, &word, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
}

}  // namespace vmbuddies::process
