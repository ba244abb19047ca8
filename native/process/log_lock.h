// SPDX-License-Identifier: MIT
#pragma once
#include "core/unique_fd.h"

namespace vmbuddies::process {

struct ControlBlock;
class ProcessDomain;

/// The right to keep a domain's dirty log: an exclusive lock on its memory file, held by one owner in all processes
/// and gone with that owner's process. Ballooning takes it too, for a dirty log cannot see pages that are given back.
class LogLock {
   public:
    /// kDirtyLogBusy, with the owner's pid if it is known. `domain` must outlive the lock.
    explicit LogLock(ProcessDomain& domain);
    LogLock(LogLock&& other) noexcept = default;
    LogLock& operator=(LogLock&&) = delete;
    ~LogLock();

    /// Does anybody have it?
    static bool is_taken(const ProcessDomain& domain);

   private:
    ControlBlock& control_;
    UniqueFd file_;
};

}  // namespace vmbuddies::process
