// SPDX-License-Identifier: MIT
#pragma once

namespace vmbuddies::process {

/// The read end of a pipe whose write end this process keeps until it ends, however it ends: handed to guests, it tells
/// them so. (PR_SET_PDEATHSIG would fire when the thread that started them ends.) The descriptor stays this function's.
int life_line();

}  // namespace vmbuddies::process
