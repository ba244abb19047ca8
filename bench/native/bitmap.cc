// SPDX-License-Identifier: MIT
// Counting a dirty bitmap and walking its runs, against a loop over the bits.
#include "core/bitmap.h"

#include <numeric>
#include <random>

#include "bench.h"

namespace vmbuddies::bench {
namespace {

struct Size {
    const char* name;
    std::uint64_t pages;
    int runs;
};
constexpr Size kSizes[] = {{"1 GiB", std::uint64_t{1} << 18, 51}, {"1 TiB", std::uint64_t{1} << 28, 3}};
constexpr int kPercents[] = {0, 1, 10, 100};

Bitmap filled(std::uint64_t pages, int percent) {
    Bitmap bits(pages);
    if (percent == 100) {
        bits.set_range(0, pages);
        return bits;
    }
    std::mt19937_64 random(7);
    for (std::uint64_t i = 0; i < pages * static_cast<std::uint64_t>(percent) / 100; ++i) bits.set(random() % pages);
    return bits;
}

std::uint64_t count_by_bit(const Bitmap& bits) {
    std::uint64_t count = 0;
    for (Pfn page = 0; page < bits.size(); ++page) count += bits.test(page);
    return count;
}

template <class Visit>
void for_each_run_by_bit(const Bitmap& bits, Visit&& visit) {
    Pfn begin = 0;
    bool open = false;
    for (Pfn page = 0; page < bits.size(); ++page) {
        const bool set = bits.test(page);
        if (set == open) continue;
        if (open) visit(begin, page - begin);
        begin = page;
        open = set;
    }
    if (open) visit(begin, bits.size() - begin);
}

std::uint64_t sum(const Bitmap& bits) {
    const auto words = bits.words();
    return std::accumulate(words.begin(), words.end(), std::uint64_t{0}, std::bit_xor<>());
}

/// Something to do with every run that cannot be left out.
struct Digest {
    std::uint64_t value = 0;
    void operator()(Pfn first, std::uint64_t count) { value += first ^ (count << 32); }
};

template <class Ours, class Loop>
void compare(const char* operation, const Size& size, int percent, double read_us, Ours&& ours, Loop&& loop) {
    const auto [ours_s, loop_s] = best_in_turn(
        size.runs, [&] { return seconds_of(ours); }, [&] { return seconds_of(loop); });
    Row row{.part = "bitmap",
            .name = std::string(operation) + ", " + size.name + ", " + std::to_string(percent) + " % dirty",
            .unit = "us",
            .ours = ours_s * 1e6,
            .baseline = Reference{"bit loop", loop_s * 1e6},
            .ratio_of = RatioOf::kBaselineToOurs,
            .limit = Reference{"one read of it", read_us}};
    if (percent <= 1) row.goal = Goal{Goal::Of::kRatio, Goal::Bound::kAtLeast, 20, 3};
    print(row);
}

}  // namespace

void bitmap() {
    for (const Size& size : kSizes) {
        for (const int percent : kPercents) {
            const Bitmap bits = filled(size.pages, percent);
            double read_s = 1;
            for (int run = 0; run < size.runs; ++run) read_s = std::min(read_s, seconds_of([&] { keep(sum(bits)); }));
            const double read_us = read_s * 1e6;
            compare(
                "count", size, percent, read_us, [&] { keep(bits.count()); }, [&] { keep(count_by_bit(bits)); });
            compare(
                "runs", size, percent, read_us,
                [&] {
                    Digest digest;
                    bits.for_each_run(digest);
                    keep(digest.value);
                },
                [&] {
                    Digest digest;
                    for_each_run_by_bit(bits, digest);
                    keep(digest.value);
                });
        }
    }
}

}  // namespace vmbuddies::bench
