// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <string>

#include "core/unique_fd.h"

namespace vmbuddies::xen {

/// The right to keep a guest's dirty log: an exclusive lock on a file in /run/vmbuddies, held by one owner in all
/// processes of this host and gone with that owner's process. The hypervisor itself would let two share one log, each
/// cleaning what the other has not seen. Ballooning takes it too, for Xen up to 4.21 does not log pages that are added.
class LogLock {
   public:
    /// kDirtyLogBusy, with the owner's pid.
    LogLock(std::uint32_t domid, const std::string& name);
    LogLock(const LogLock&) = delete;
    LogLock& operator=(const LogLock&) = delete;
    ~LogLock();

   private:
    UniqueFd file_;
};

/// The right to move a guest, held from a group's first look at it to the group's end, also while its dirty log is
/// free: a lock on another file beside that one.
class MoveClaim {
   public:
    /// kState, saying what the holder is doing, if another has it. `purpose` ends the sentence "NAME is being moved: ".
    MoveClaim(std::uint32_t domid, const std::string& name, const std::string& purpose);
    MoveClaim(const MoveClaim&) = delete;
    MoveClaim& operator=(const MoveClaim&) = delete;
    ~MoveClaim();

    /// kState, saying what the holder is doing, if anybody has it.
    static void require_none(std::uint32_t domid, const std::string& name, const char* operation);

   private:
    UniqueFd file_;
};

}  // namespace vmbuddies::xen
