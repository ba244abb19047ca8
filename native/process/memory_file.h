// SPDX-License-Identifier: MIT
#pragma once
#include <cstddef>
#include <cstdint>
#include <utility>

#include "core/unique_fd.h"

namespace vmbuddies::process {

/// An anonymous file of zeros whose size can never change, so that no access to a mapping of it can fault for lack
/// of file. `name` shows up in /proc/PID/maps. kMemory if it cannot be had.
UniqueFd create_memory_file(const char* name, std::uint64_t bytes);

/// Writable memory, mapped whole. Populated when touched. kMemory if it cannot be had.
class Mapping {
   public:
    Mapping() = default;
    static Mapping shared(int memory_fd, std::uint64_t bytes);
    static Mapping anonymous(std::uint64_t bytes);
    Mapping(Mapping&& other) noexcept
        : base_(std::exchange(other.base_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
    Mapping& operator=(Mapping&& other) noexcept {
        std::swap(base_, other.base_);
        std::swap(bytes_, other.bytes_);
        return *this;
    }
    ~Mapping();

    std::byte* base() const noexcept { return base_; }
    std::uint64_t bytes() const noexcept { return bytes_; }

   private:
    Mapping(int fd, std::uint64_t bytes, int flags);

    std::byte* base_ = nullptr;
    std::uint64_t bytes_ = 0;
};

}  // namespace vmbuddies::process
