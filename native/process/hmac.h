// SPDX-License-Identifier: MIT
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>

namespace vmbuddies::process {

using Bytes = std::span<const std::byte>;
using Digest = std::array<std::byte, 32>;

inline Bytes bytes_of(std::string_view text) noexcept { return std::as_bytes(std::span(text.data(), text.size())); }

/// SHA-256 (FIPS 180-4). Our own, since this code also runs where no libcrypto is; it hashes some hundred bytes for
/// each frame, never the memory.
class Sha256 {
   public:
    Sha256& add(Bytes bytes) noexcept;
    /// Of all that was added. Once.
    Digest finish() noexcept;

   private:
    static constexpr std::size_t kBlock = 64;
    void compress() noexcept;

    std::array<std::uint32_t, 8> state_{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                        0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    std::array<std::uint8_t, kBlock> block_{};
    std::size_t filled_ = 0;
    std::uint64_t length_ = 0;
};

/// HMAC-SHA-256 (RFC 2104) of all parts, one behind the other.
Digest hmac(Bytes key, std::initializer_list<Bytes> parts) noexcept;

/// In a time that does not tell where they differ.
bool equal(const Digest& one, Bytes other) noexcept;

}  // namespace vmbuddies::process
