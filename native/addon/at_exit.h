// SPDX-License-Identifier: MIT
#pragma once
#include <functional>

namespace vmbuddies::addon {

/// process.exit() and an uncaught exception end the process without ending its main environment: nothing is finalised
/// there. What would then go on in a hypervisor for a process that is gone (a dirty log, a suspended guest) is undone
/// here. A process that is killed comes to none of this: whoever opens the guest next mends it.
class AtExit {
   public:
    /// `undo` is called if the process exits while this object lives, on the exiting thread, with Node's own pool
    /// already ended. It must be bounded in time and must not touch any AtExit.
    explicit AtExit(std::function<void()> undo);
    ~AtExit();

    AtExit(const AtExit&) = delete;
    AtExit& operator=(const AtExit&) = delete;

   private:
    friend class ExitList;
    std::function<void()> undo_;
};

}  // namespace vmbuddies::addon
