// SPDX-License-Identifier: MIT
#pragma once
#include <signal.h>
#include <spawn.h>

namespace vmbuddies {

/// A new session, and the signal state of a program started from a shell. What the host program ignores, as Node does
/// SIGPIPE, would stay ignored through exec; a mask is inherited too.
class SpawnAttributes {
   public:
    SpawnAttributes() {
        ::posix_spawnattr_init(&attributes_);
        sigset_t signals;
        ::sigemptyset(&signals);
        ::posix_spawnattr_setsigmask(&attributes_, &signals);
        ::sigfillset(&signals);
        ::posix_spawnattr_setsigdefault(&attributes_, &signals);
        ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    }
    ~SpawnAttributes() { ::posix_spawnattr_destroy(&attributes_); }
    SpawnAttributes(const SpawnAttributes&) = delete;
    SpawnAttributes& operator=(const SpawnAttributes&) = delete;

    const posix_spawnattr_t* get() const noexcept { return &attributes_; }

   private:
    posix_spawnattr_t attributes_;
};

}  // namespace vmbuddies
