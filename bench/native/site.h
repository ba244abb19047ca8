// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <memory>
#include <string>

#include "process/process_domain.h"
#include "process/process_source.h"
#include "process/receiver.h"

namespace vmbuddies::bench {

inline constexpr std::uint64_t kGiB = std::uint64_t{1} << 30;

/// A host of its own: an empty registry folder in the temporary folder, gone with this.
class Site {
   public:
    Site();
    ~Site();
    Site(const Site&) = delete;
    Site& operator=(const Site&) = delete;

    /// Starts a guest named "guest" that has every page of its memory present and lives no longer than this process.
    std::unique_ptr<process::ProcessDomain> start(std::uint64_t memory_bytes, process::Workload workload,
                                                  const char* program = VMBUDDIES_GUEST) const;
    std::unique_ptr<process::ProcessDomain> open() const;
    /// Receives any number of domains, one after another.
    process::Receiver::Options receiver() const;

   private:
    std::string registry_;
};

/// A guest that writes uniformly at random over so much of its memory.
process::Workload steady(std::uint64_t wws_bytes, double writes_per_second);
/// As much as it can.
inline constexpr double kFlatOut = 1e9;

/// Kills the domain when it goes.
class Killed {
   public:
    explicit Killed(process::ProcessDomain& domain) : domain_(domain) {}
    ~Killed() { domain_.destroy(); }
    Killed(const Killed&) = delete;
    Killed& operator=(const Killed&) = delete;

   private:
    process::ProcessDomain& domain_;
};

}  // namespace vmbuddies::bench
