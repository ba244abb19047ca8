// SPDX-License-Identifier: MIT
#pragma once
#include <cstddef>
#include <thread>
#include <vector>

#include "bench.h"

namespace vmbuddies::bench {

/// What comes out of a socket, and when: reads until the other end closes, from a thread of its own.
class Arrivals {
   public:
    explicit Arrivals(int fd);

    /// Waits for the end of the connection. Everything below may be asked after that only.
    void await_end() { reader_.join(); }

    /// Bytes that arrived in [begin, begin + length).
    double bytes_in(Clock::time_point begin, Clock::duration length) const;
    /// The most that arrived in any stretch of this length within [begin, end).
    double most_bytes_in_any(Clock::duration length, Clock::time_point begin, Clock::time_point end) const;

   private:
    struct Arrival {
        Clock::time_point at;
        double total;  ///< bytes so far, this arrival's included
    };
    double total_before(Clock::time_point at) const;
    std::vector<Arrival>::const_iterator first_at(Clock::time_point at) const;

    std::vector<Arrival> arrivals_;
    std::thread reader_;
};

}  // namespace vmbuddies::bench
