// SPDX-License-Identifier: MIT
#pragma once
#include <sys/types.h>

#include <string>
#include <vector>

namespace vmbuddies::xen {

struct StandardDescriptors {
    int input;
    int output;
    int errors;
};

/// Starts `command` (a program, found by PATH, and its arguments) with these as its standard descriptors and no others
/// of ours that are close-on-exec; as leader of a session of its own, with the signals of a program started from a
/// shell. The caller waits for it. kArgument for an empty command, kUnavailable if it cannot be run.
pid_t spawn(std::vector<std::string> command, const StandardDescriptors& descriptors);

}  // namespace vmbuddies::xen
