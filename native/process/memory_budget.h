// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <limits>
#include <list>
#include <mutex>
#include <string>

namespace vmbuddies::process {

/// How much memory the domains may have that a receiver takes in: those being received and those that have started and
/// still run. Looked at anew for each: a domain is let in if the host, and the receiver's cgroups, have room for all
/// its memory besides all that the registry's guests may still come to touch. Thread-safe; outlives its shares.
class MemoryBudget {
   public:
    static constexpr std::uint64_t kNoLimit = std::numeric_limits<std::uint64_t>::max();
    /// Left to the processes themselves.
    static constexpr std::uint64_t kMargin = std::uint64_t{16} << 20;

    /// No more than `max_bytes` together. `system_root` as for free_memory().
    MemoryBudget(std::string registry, std::uint64_t max_bytes, std::string system_root = {});

    /// A domain's part, given back when it is destroyed; or, if it has started, when it is no longer in the registry.
    class Share {
       public:
        Share(Share&& other) noexcept;
        Share& operator=(Share&&) = delete;
        ~Share();
        void started() noexcept;

       private:
        friend class MemoryBudget;
        Share(MemoryBudget& budget, std::uint64_t number) : budget_(&budget), number_(number) {}
        MemoryBudget* budget_;
        std::uint64_t number_;
    };

    /// kMemory, with the figures, if there is not that much.
    Share take(const std::string& uuid, std::uint64_t bytes);

   private:
    struct Taken {
        std::uint64_t number;
        std::string uuid;
        std::uint64_t bytes;
        bool started = false;
    };

    const std::string registry_;
    const std::uint64_t max_bytes_;
    const std::string system_root_;
    std::mutex mutex_;
    std::uint64_t next_ = 0;
    std::list<Taken> taken_;
};

}  // namespace vmbuddies::process
