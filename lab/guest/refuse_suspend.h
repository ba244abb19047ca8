// SPDX-License-Identifier: MIT
#pragma once

namespace vmbuddies::lab {

/// Makes every suspension of this domain fail, as it happens in the field: a task that hangs in the kernel cannot be
/// frozen. The domain takes the request (it empties control/shutdown), freezes its other tasks, gives up after one
/// second instead of the kernel's 20, and runs on. There is no way back but a reboot.
void refuse_suspend();

}  // namespace vmbuddies::lab
