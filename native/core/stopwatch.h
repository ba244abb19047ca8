// SPDX-License-Identifier: MIT
#pragma once
#include <chrono>

namespace vmbuddies {

/// Seconds on the steady clock, which is CLOCK_MONOTONIC.
inline double seconds_of(std::chrono::steady_clock::duration duration) noexcept {
    return std::chrono::duration<double>(duration).count();
}

/// Adds the time it lives to `seconds`.
class Stopwatch {
   public:
    explicit Stopwatch(double& seconds) noexcept : seconds_(seconds) {}
    ~Stopwatch() { seconds_ += seconds_of(std::chrono::steady_clock::now() - start_); }
    Stopwatch(const Stopwatch&) = delete;
    Stopwatch& operator=(const Stopwatch&) = delete;

   private:
    double& seconds_;
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace vmbuddies
