// SPDX-License-Identifier: MIT
#pragma once
#include <chrono>
#include <cstddef>
#include <string>

#include "core/unique_fd.h"

namespace vmbuddies::process {

/// Which domains have ever been let go at this host, by uuid, in the file `.arrivals` of its registry: what a receiver
/// that comes later must know, lest it take one that has moved on, or ended, for one that never came. One line each,
/// the latest kMaxRemembered at least. Several receivers may share it.
class Arrivals {
   public:
    static constexpr std::size_t kMaxRemembered = 4096;

    enum class Memory {
        kArrived,    ///< it was let go here, or was just about to be
        kNever,      ///< it was not, as far back as was asked
        kForgotten,  ///< what is known does not reach so far back, or tells of an earlier arrival only
    };

    /// Begins to remember, if nobody has in this registry: what came before is kForgotten. Errors as Registry().
    explicit Arrivals(const std::string& registry);

    /// On stable storage when it returns. kSystem: it may be so all the same, and the domain must not be let go.
    void note(const std::string& uuid) const;

    /// `ago`: how long ago the earliest moment was at which the domain can have been let go; 0: as far as is
    /// remembered. kSystem if it cannot be looked up.
    Memory recall(const std::string& uuid, std::chrono::milliseconds ago) const;

   private:
    std::string path_;
    UniqueFd folder_;
};

}  // namespace vmbuddies::process
