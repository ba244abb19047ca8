// SPDX-License-Identifier: MIT
#include "wait.h"

#include <limits.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>

#include "error.h"
#include "unique_fd.h"

namespace vmbuddies {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t kMaxPolled = 7;

int poll_timeout(steady_clock::time_point deadline) {
    if (deadline == steady_clock::time_point::max()) return -1;
    const auto left = std::chrono::ceil<milliseconds>(deadline - steady_clock::now()).count();
    return static_cast<int>(std::clamp<std::int64_t>(left, 0, INT_MAX));
}

}  // namespace

bool wait_any(std::span<pollfd> polled, steady_clock::time_point deadline, const std::stop_token& stop) {
    if (polled.size() > kMaxPolled) throw Error(ErrorCode::kArgument, "wait", "Too many descriptors to wait for.");
    // One per thread, since a thread waits for one thing at a time; readable from a stop to the end of that wait.
    thread_local const UniqueFd wake(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
    if (wake.get() < 0) throw Error::system("wait", "No descriptor is left to wait with", errno);

    std::array<pollfd, kMaxPolled + 1> all;
    std::copy(polled.begin(), polled.end(), all.begin());
    all[polled.size()] = {wake.get(), POLLIN, 0};
    int ready = 0;
    {
        const std::stop_callback raise(stop, [fd = wake.get()] { eventfd_write(fd, 1); });
        do {
            ready = poll(all.data(), polled.size() + 1, poll_timeout(deadline));
        } while (ready < 0 && errno == EINTR);
        if (ready < 0) throw Error::system("wait", "Waiting for an answer failed", errno);
    }
    if (stop.stop_requested()) {
        eventfd_t raised;
        eventfd_read(wake.get(), &raised);
        throw Aborted{};
    }
    std::copy_n(all.begin(), polled.size(), polled.begin());
    return ready > 0;
}

}  // namespace vmbuddies
