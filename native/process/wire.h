// SPDX-License-Identifier: MIT
#pragma once
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"

/// How numbers and texts are spelled between two hosts: little-endian, unpadded, texts after their u32 length.
namespace vmbuddies::process {

class WireWriter {
   public:
    void u32(std::uint32_t value) { number(value); }
    void u64(std::uint64_t value) { number(value); }
    void f64(double value) { number(std::bit_cast<std::uint64_t>(value)); }
    void text(std::string_view value) {
        u32(static_cast<std::uint32_t>(value.size()));
        const auto bytes = std::as_bytes(std::span(value));
        bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    }
    std::span<const std::byte> bytes() const noexcept { return bytes_; }

   private:
    template <class Unsigned>
    void number(Unsigned value) {
        for (std::size_t i = 0; i < sizeof value; ++i) bytes_.push_back(static_cast<std::byte>(value >> (8 * i)));
    }
    std::vector<std::byte> bytes_;
};

/// Reads what WireWriter wrote. Every read is checked against what is left: kStream otherwise.
class WireReader {
   public:
    explicit WireReader(std::span<const std::byte> bytes) : bytes_(bytes) {}

    std::uint32_t u32() { return number<std::uint32_t>(); }
    std::uint64_t u64() { return number<std::uint64_t>(); }
    double f64() { return std::bit_cast<double>(u64()); }
    std::string text(std::size_t longest) {
        const std::size_t length = u32();
        if (length > longest) throw Error(ErrorCode::kStream, "decode", "A text is longer than it may be.");
        const auto bytes = take(length);
        return std::string(reinterpret_cast<const char*>(bytes.data()), length);
    }
    /// Nothing may follow.
    void end() const {
        if (!bytes_.empty()) throw Error(ErrorCode::kStream, "decode", "There are bytes past the end.");
    }

   private:
    std::span<const std::byte> take(std::size_t count) {
        if (count > bytes_.size()) throw Error(ErrorCode::kStream, "decode", "It ends too early.");
        const auto taken = bytes_.first(count);
        bytes_ = bytes_.subspan(count);
        return taken;
    }
    template <class Unsigned>
    Unsigned number() {
        const auto bytes = take(sizeof(Unsigned));
        Unsigned value = 0;
        for (std::size_t i = 0; i < sizeof value; ++i) {
            value |= static_cast<Unsigned>(std::to_integer<Unsigned>(bytes[i]) << (8 * i));
        }
        return value;
    }
    std::span<const std::byte> bytes_;
};

}  // namespace vmbuddies::process
