// SPDX-License-Identifier: MIT
#pragma once
#include <string>

#include "core/unique_fd.h"

namespace vmbuddies::process {

struct ControlBlock;

/// The starter's descriptors that a guest gets, under the numbers of control_block.h.
struct GuestDescriptors {
    int memory;
    int control;
    int entry;
    int life;
};

/// A guest program on its way up; killed when this goes before dismiss().
class GuestLaunch {
   public:
    /// Starts `program` for the domain `name` in a session of its own, with these descriptors and no others, and
    /// /dev/null for its terminal. It is no child of this process: nobody has to wait for it. kUnavailable if it cannot
    /// be run.
    GuestLaunch(const std::string& program, const std::string& name, const GuestDescriptors& descriptors,
                const ControlBlock& control);
    ~GuestLaunch();

    /// Blocks until the guest has made its memory and reports that it is ready. kMemory if it ended before that,
    /// kUnavailable with its own words if it gave up.
    void await_ready();
    void dismiss() noexcept { dismissed_ = true; }

    GuestLaunch(const GuestLaunch&) = delete;
    GuestLaunch& operator=(const GuestLaunch&) = delete;

   private:
    std::string name_;
    const ControlBlock& control_;
    UniqueFd startup_;
    bool dismissed_ = false;
};

}  // namespace vmbuddies::process
