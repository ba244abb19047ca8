// SPDX-License-Identifier: MIT
#pragma once
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

struct Pair {
    double ours;
    double baseline;
};

/// Two things measured in turn, so that what else the machine does meets both alike.
struct Series {
    std::vector<double> ours;
    std::vector<double> baseline;

    /// The least of each: what disturbs the timing of a short piece of code only ever adds to it.
    Pair best() const { return {percentile(ours, 0), percentile(baseline, 0)}; }
    /// For what is not the same twice, such as where the system puts a GiB of memory.
    Pair medians() const { return {percentile(ours, 0.5), percentile(baseline, 0.5)}; }
};

template <class Ours, class Baseline>
Series in_turn(int runs, Ours&& ours, Baseline&& baseline) {
    Series series;
    for (int run = 0; run < runs; ++run) {
        series.ours.push_back(ours());
        series.baseline.push_back(baseline());
    }
    return series;
}

}  // namespace vmbuddies::bench
