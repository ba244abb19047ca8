// SPDX-License-Identifier: MIT
#include "arrivals.h"

#include <unistd.h>

#include <algorithm>

namespace vmbuddies::bench {

Arrivals::Arrivals(int fd)
    : reader_([this, fd] {
          std::vector<std::byte> buffer(std::size_t{1} << 20);
          arrivals_.reserve(std::size_t{1} << 20);
          double total = 0;
          for (ssize_t bytes = 0; (bytes = ::read(fd, buffer.data(), buffer.size())) > 0;) {
              total += static_cast<double>(bytes);
              arrivals_.push_back({Clock::now(), total});
          }
      }) {}

std::vector<Arrivals::Arrival>::const_iterator Arrivals::first_at(Clock::time_point at) const {
    return std::ranges::lower_bound(arrivals_, at, {}, &Arrival::at);
}

double Arrivals::total_before(Clock::time_point at) const {
    const auto next = first_at(at);
    return next == arrivals_.begin() ? 0 : std::prev(next)->total;
}

double Arrivals::bytes_in(Clock::time_point begin, Clock::duration length) const {
    return total_before(begin + length) - total_before(begin);
}

double Arrivals::most_bytes_in_any(Clock::duration length, Clock::time_point begin, Clock::time_point end) const {
    double most = 0;
    // The fullest stretch begins with an arrival.
    for (auto first = first_at(begin); first != arrivals_.end() && first->at + length <= end; ++first) {
        most = std::max(most, bytes_in(first->at, length));
    }
    return most;
}

}  // namespace vmbuddies::bench
