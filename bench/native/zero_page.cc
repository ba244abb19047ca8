// SPDX-License-Identifier: MIT
// The test for pages of zeros, against memcmp over the whole page.
#include "core/zero_page.h"

#include <numeric>
#include <span>

#include "bench.h"
#include "process/memory_file.h"

namespace vmbuddies::bench {
namespace {

constexpr std::uint64_t kBytes = std::uint64_t{256} << 20;
constexpr double kGiBPerRun = static_cast<double>(kBytes) / (std::uint64_t{1} << 30);
constexpr int kRuns = 7;

bool is_zero_by_memcmp(const std::byte* page) {
    return page[0] == std::byte{0} && std::memcmp(page, page + 1, kPageSize - 1) == 0;
}

template <class Test>
double milliseconds_per_gib(std::span<const std::byte> memory, Test&& is_zero) {
    const double seconds = seconds_of([&] {
        std::uint64_t zeros = 0;
        for (std::size_t at = 0; at < memory.size(); at += kPageSize) zeros += is_zero(memory.data() + at);
        keep(zeros);
    });
    return seconds * 1e3 / kGiBPerRun;
}

double read_milliseconds_per_gib(std::span<const std::byte> memory) {
    const std::span words(reinterpret_cast<const std::uint64_t*>(memory.data()), memory.size() / 8);
    const double seconds =
        seconds_of([&] { keep(std::accumulate(words.begin(), words.end(), std::uint64_t{0}, std::bit_xor<>())); });
    return seconds * 1e3 / kGiBPerRun;
}

void compare(const char* name, std::span<const std::byte> memory, std::optional<Reference> limit = {}) {
    const auto [ours, by_memcmp] = best_in_turn(
        kRuns, [&] { return milliseconds_per_gib(memory, is_zero_page); },
        [&] { return milliseconds_per_gib(memory, is_zero_by_memcmp); });
    print({.part = "zero-page",
           .name = name,
           .unit = "ms/GiB",
           .ours = ours,
           .baseline = Reference{"memcmp", by_memcmp},
           .goal = Goal{Goal::Of::kRatio, Goal::Bound::kAtMost, 1.4, 4},
           .limit = std::move(limit)});
}

}  // namespace

void zero_page() {
    const process::Mapping mapping = process::Mapping::anonymous(kBytes);
    const std::span memory(mapping.base(), kBytes);
    std::memset(memory.data(), 0, memory.size());
    const Reference read{"one read of it", read_milliseconds_per_gib(memory)};
    compare("pages of zeros", memory, read);
    for (std::size_t at = 0; at < memory.size(); at += kPageSize) memory[at + kPageSize - 1] = std::byte{1};
    compare("zeros but for the last byte", memory, read);
    for (std::size_t at = 0; at < memory.size(); at += kPageSize) memory[at] = std::byte{1};
    compare("no zero at the first byte", memory);
}

}  // namespace vmbuddies::bench
