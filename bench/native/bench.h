// SPDX-License-Identifier: MIT
#pragma once
#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace vmbuddies::bench {

using Clock = std::chrono::steady_clock;

/// The parts of the benchmark, by the names main.cc gives them. Each prints its rows.
void bitmap();
void zero_page();
void dirty_log();
void transfer();
void pacer();
void guest_writes();
void pause();
void downtime();

/// What a figure is to be seen beside.
struct Reference {
    std::string name;
    double value;  ///< in the row's unit
};

enum class RatioOf {
    kBaselineToOurs,  ///< times: how many times faster ours is
    kOursToBaseline,  ///< how much of the baseline ours is
};

/// A goal is reported; only what lies beyond the fence, which is wide, fails the run.
struct Goal {
    enum class Of { kRatio, kOurs } of;
    enum class Bound { kAtLeast, kAtMost } bound;
    double value;
    double fence;
};

/// One line of the report; bench/report.mjs says how it reads as JSON.
struct Row {
    const char* part;
    std::string name;
    const char* unit;
    double ours;
    std::optional<Reference> baseline;  ///< timed in the same run
    RatioOf ratio_of = RatioOf::kOursToBaseline;
    std::optional<Goal> goal;
    std::optional<Reference> limit;  ///< what the machine cannot beat
};

/// Prints the row as one line of JSON.
void print(const Row& row);

inline double seconds_between(Clock::time_point begin, Clock::time_point end) {
    return std::chrono::duration<double>(end - begin).count();
}

template <class Work>
double seconds_of(Work&& work) {
    const Clock::time_point begin = Clock::now();
    work();
    return seconds_between(begin, Clock::now());
}

/// The value must be computed, whether it is used or not.
template <class Value>
void keep(const Value& value) {
    asm volatile("" : : "g"(value) : "memory");
}

/// The smallest value that `share` (0..1) of the values do not exceed. There must be a value.
double percentile(std::vector<double> values, double share);

struct Best {
    double ours;
    double baseline;
};

/// Measures the two in turn, so that what else the machine does meets both alike, and gives the least of each: what
/// disturbs a measurement of time only ever adds to it.
template <class Ours, class Baseline>
Best best_in_turn(int runs, Ours&& ours, Baseline&& baseline) {
    Best best{ours(), baseline()};
    for (int run = 1; run < runs; ++run) {
        best.ours = std::min(best.ours, ours());
        best.baseline = std::min(best.baseline, baseline());
    }
    return best;
}

}  // namespace vmbuddies::bench
