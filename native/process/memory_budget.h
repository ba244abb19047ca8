// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <mutex>
#include <string>
#include <utility>

#include "core/error.h"

namespace vmbuddies::process {

/// How much memory the domains that are being received may have together. Thread-safe; outlives its shares.
class MemoryBudget {
   public:
    explicit MemoryBudget(std::uint64_t bytes) : bytes_(bytes) {}

    /// A part of the budget, given back when it is destroyed.
    class Share {
       public:
        Share(MemoryBudget& budget, std::uint64_t bytes) : budget_(&budget), bytes_(bytes) {}
        Share(Share&& other) noexcept : budget_(other.budget_), bytes_(std::exchange(other.bytes_, 0)) {}
        Share& operator=(Share&&) = delete;
        ~Share() {
            const std::lock_guard lock(budget_->mutex_);
            budget_->taken_ -= bytes_;
        }

       private:
        MemoryBudget* budget_;
        std::uint64_t bytes_;
    };

    /// kMemory, with the figures, if that much is not left.
    Share take(std::uint64_t bytes) {
        const std::lock_guard lock(mutex_);
        if (bytes > bytes_ - taken_) {
            throw Error(ErrorCode::kMemory, "memory",
                        "It needs " + std::to_string(bytes) + " bytes, and of the " + std::to_string(bytes_) +
                            " for incoming domains " + std::to_string(taken_) + " are taken.");
        }
        taken_ += bytes;
        return Share(*this, bytes);
    }

   private:
    std::mutex mutex_;
    std::uint64_t bytes_;
    std::uint64_t taken_ = 0;
};

}  // namespace vmbuddies::process
