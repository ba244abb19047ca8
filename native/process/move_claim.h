// SPDX-License-Identifier: MIT
#pragma once
#include <string>

#include "core/unique_fd.h"

namespace vmbuddies::process {

class ProcessDomain;

/// The right to move a domain, held from a group's first look at it to the group's end, also while the domain is not
/// being copied and its dirty log is free. One holder in all processes; gone with the holder's process. It keeps others
/// from what would harm the migration: that is for those who offer such calls to ask (require_none()).
class MoveClaim {
   public:
    /// kState, saying what the holder is doing, if another has it. `purpose` ends the sentence "NAME is being moved: ".
    /// `domain` must outlive the claim.
    MoveClaim(ProcessDomain& domain, const std::string& purpose);
    MoveClaim(const MoveClaim&) = delete;
    MoveClaim& operator=(const MoveClaim&) = delete;
    ~MoveClaim();

    /// kState, saying what the holder is doing, if anybody has it.
    static void require_none(const ProcessDomain& domain, const char* operation);

   private:
    const ProcessDomain& domain_;
    UniqueFd file_;
};

}  // namespace vmbuddies::process
