// SPDX-License-Identifier: MIT
#include "process/digest.h"

#include <array>
#include <bit>
#include <cstring>

#include "process/data_ranges.h"
#include "process/guest_memory.h"

namespace vmbuddies::process {
namespace {

constexpr std::uint64_t kMultiplier = 0x9E3779B97F4A7C15;
constexpr std::size_t kLanes = 4;  // independent chains, so that the multiplier's latency is hidden

std::uint64_t stir(std::uint64_t state, std::uint64_t word) noexcept {
    return std::rotl((state ^ word) * kMultiplier, 29);
}

/// What a page adds to the digest: 0 for a page of zeros, so that the sum needs no look at holes.
std::uint64_t digest_page(const std::byte* page, Pfn pfn) noexcept {
    std::array<std::uint64_t, kLanes> lanes{1, 2, 3, 4};
    std::uint64_t any = 0;
    for (std::size_t offset = 0; offset < kPageSize; offset += sizeof lanes) {
        std::array<std::uint64_t, kLanes> words;
        std::memcpy(words.data(), page + offset, sizeof words);
        for (std::size_t i = 0; i < kLanes; ++i) {
            any |= words[i];
            lanes[i] = stir(lanes[i], words[i]);
        }
    }
    if (any == 0) return 0;
    std::uint64_t digest = stir(pfn, pfn + 1);
    for (const std::uint64_t lane : lanes) digest = stir(digest, lane);
    return digest ^ (digest >> 32);
}

}  // namespace

std::uint64_t digest_memory(int memory_fd, const std::byte* memory, Pfn pages) {
    std::uint64_t sum = stir(pages, pages);
    for_each_data_range(memory_fd, 0, pages, [&](Pfn first, std::uint64_t count) {
        for (Pfn pfn = first; pfn < first + count; ++pfn) {
            const std::byte* page = memory + (pfn << kPageShift);
            std::array<std::byte, kPageSize> header;
            if (pfn == 0) {
                std::memcpy(header.data(), page, kPageSize);
                std::memset(header.data() + offsetof(GuestHeader, pacing), 0, sizeof(GuestHeader::Pacing));
                page = header.data();
            }
            sum += digest_page(page, pfn);
        }
    });
    return sum;
}

}  // namespace vmbuddies::process
