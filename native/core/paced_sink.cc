// SPDX-License-Identifier: MIT
#include "paced_sink.h"

#include <algorithm>

#include "stats.h"

namespace vmbuddies {
namespace {

using Clock = std::chrono::steady_clock;

// A slow link may keep us waiting for long; the other side may be lost meanwhile.
constexpr auto kLivenessInterval = std::chrono::milliseconds(200);

}  // namespace

PacedSink::PacedSink(Destination& destination, Control& control, std::uint64_t bytes_per_second)
    : destination_(destination), control_(control), pacer_(bytes_per_second, Clock::now()), last_write_(Clock::now()) {}

void PacedSink::write(std::span<const iovec> parts) {
    std::size_t part = 0;
    std::size_t offset = 0;  // in that part
    while (part < parts.size()) {
        const std::size_t budget = pacer_.rate() == kUnlimited ? SIZE_MAX : pacer_.quantum();
        std::size_t bytes = 0;
        slice_.clear();
        while (part < parts.size() && bytes < budget) {
            const std::size_t take = std::min(parts[part].iov_len - offset, budget - bytes);
            slice_.push_back({static_cast<std::byte*>(parts[part].iov_base) + offset, take});
            bytes += take;
            offset += take;
            if (offset == parts[part].iov_len) {
                ++part;
                offset = 0;
            }
        }
        wait_for_turn(bytes);
        destination_.write(slice_, control_.token());
        last_write_ = Clock::now();
        bytes_ += bytes;
    }
}

// The bytes are booked when their turn has come and not before: so the wait follows every change of the rate.
void PacedSink::wait_for_turn(std::size_t bytes) {
    std::uint64_t rate = control_.orders().bytes_per_second;
    for (;;) {
        const TimePoint now = Clock::now();
        pacer_.set_rate(rate, now);
        const TimePoint due = pacer_.reserve(0, now);
        if (due <= now) {
            pacer_.reserve(bytes, now);
            return;
        }
        const TimePoint until = std::min(due, now + kLivenessInterval);
        rate = control_.wait_until(until, [rate](const auto& orders) { return orders.bytes_per_second != rate; })
                   .bytes_per_second;
        if (until < due) destination_.check_alive();
    }
}

}  // namespace vmbuddies
