// SPDX-License-Identifier: MIT
#pragma once
#include <chrono>
#include <cstdint>

namespace vmbuddies::xen {

/// Tells when a guest has got as near to its new memory target as it will.
class BalloonProgress {
   public:
    using TimePoint = std::chrono::steady_clock::time_point;

    /// A guest may have this many pages (1 MiB) more than its target: LIBXL_MAXMEM_CONSTANT, which a receiver allows
    /// too.
    static constexpr std::uint64_t kSlackPages = 256;
    /// Linux tries again after one second, then after two, when pages cannot be had or given back.
    static constexpr std::chrono::milliseconds kPatience{4000};

    BalloonProgress(std::uint64_t target_pages, std::uint64_t present_pages, TimePoint now)
        : target_pages_(target_pages), present_pages_(present_pages), changed_at_(now) {}

    /// `present_pages` is what the guest has now.
    bool settled(std::uint64_t present_pages, TimePoint now) noexcept {
        if (present_pages != present_pages_) {
            present_pages_ = present_pages;
            changed_at_ = now;
        }
        return near(present_pages_, target_pages_) || now - changed_at_ >= kPatience;
    }

    static bool near(std::uint64_t present_pages, std::uint64_t target_pages) noexcept {
        return present_pages <= target_pages + kSlackPages && present_pages + kSlackPages >= target_pages;
    }

   private:
    std::uint64_t target_pages_;
    std::uint64_t present_pages_;
    TimePoint changed_at_;
};

}  // namespace vmbuddies::xen
