// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <cstdlib>
#include <random>

namespace vmbuddies::test {

/// A seed for a randomised test: VMBUDDIES_TEST_SEED if set, fresh otherwise. CAPTURE it, so that a failure prints it.
inline std::uint64_t seed() {
    if (const char* text = std::getenv("VMBUDDIES_TEST_SEED")) return std::strtoull(text, nullptr, 0);
    std::random_device device;
    return std::uint64_t{device()} << 32 | device();
}

/// A number in [0, end), end > 0.
inline std::uint64_t below(std::mt19937_64& random, std::uint64_t end) {
    return std::uniform_int_distribution<std::uint64_t>(0, end - 1)(random);
}

}  // namespace vmbuddies::test
