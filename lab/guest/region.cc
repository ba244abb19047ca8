// SPDX-License-Identifier: MIT
#include "region.h"

#include <numeric>
#include <utility>

namespace vmbuddies::lab {
namespace {

constexpr std::uint64_t kGolden = 0x9e3779b97f4a7c15;  // 2^64 divided by the golden ratio

/// The finaliser of Steele, Lea and Flood's SplitMix64: neighbouring inputs give unrelated words.
constexpr std::uint64_t mix(std::uint64_t x) noexcept {
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
    return x ^ (x >> 31);
}

/// What a page holds. The index and the pass stand there as they are, to be read by a person when they are wrong.
class Content {
   public:
    Content(std::uint64_t seed, std::uint64_t index, std::uint64_t pass) noexcept
        : index_(index), pass_(pass), hash_(mix(seed + mix(index + kGolden * pass))) {}

    void put(Page& page) const noexcept {
        page[0] = index_;
        page[1] = pass_;
        for (std::size_t i = 2; i < page.size(); ++i) page[i] = hash_ + kGolden * i;
    }

    bool is_in(const Page& page) const noexcept {
        std::uint64_t difference = (page[0] ^ index_) | (page[1] ^ pass_);
        for (std::size_t i = 2; i < page.size(); ++i) difference |= page[i] ^ (hash_ + kGolden * i);
        return difference == 0;
    }

   private:
    std::uint64_t index_;
    std::uint64_t pass_;
    std::uint64_t hash_;
};

/// Steps of the golden ratio scatter best; the next number without a common divisor makes a permutation of them.
std::uint64_t stride_for(std::uint64_t pages) noexcept {
    auto stride = static_cast<std::uint64_t>(static_cast<double>(pages) * 0.6180339887498949) | 1;
    while (std::gcd(stride, pages) != 1) ++stride;
    return stride;
}

/// Euclid's algorithm, extended.
std::uint64_t inverse_of(std::uint64_t number, std::uint64_t modulus) noexcept {
    auto a = static_cast<std::int64_t>(number);
    auto b = static_cast<std::int64_t>(modulus);
    std::int64_t factor = 1;
    for (std::int64_t next = 0; b != 0; std::swap(a, b), std::swap(factor, next)) {
        factor -= a / b * next;
        a %= b;
    }
    const auto m = static_cast<std::int64_t>(modulus);
    return static_cast<std::uint64_t>((factor % m + m) % m);
}

}  // namespace

Region::Region(std::span<Page> memory, std::uint64_t seed) noexcept
    : memory_(memory), seed_(seed), stride_(stride_for(pages())), inverse_(inverse_of(stride_, pages())) {
    for (std::size_t i = 0; i < pages(); ++i) Content(seed_, i, 0).put(memory_[i]);
}

std::optional<Damage> Region::write_next() noexcept {
    const std::size_t index = turn_ * stride_ % pages();
    const auto damage = check(index);
    Content(seed_, index, pass_).put(memory_[index]);
    if (++turn_ == pages()) {
        turn_ = 0;
        ++pass_;
    }
    return damage;
}

std::optional<Damage> Region::check(std::size_t index) noexcept {
    Page& page = memory_[index];
    const std::uint64_t pass = pass_of(index);
    const Content content(seed_, index, pass);
    if (content.is_in(page)) return std::nullopt;
    const Damage damage{index, pass, page[0], page[1]};
    content.put(page);
    return damage;
}

/// The pass in which the page was last written.
std::uint64_t Region::pass_of(std::size_t index) const noexcept {
    return index * inverse_ % pages() < turn_ ? pass_ : pass_ - 1;
}

}  // namespace vmbuddies::lab
