// SPDX-License-Identifier: MIT
#pragma once
#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>

#include "core/unique_fd.h"

namespace vmbuddies::process {

/// The exclusive lock on a folder, on a description of its own; released explicitly, because a child being forked just
/// now may hold a copy of the descriptor for a moment.
class FolderLock {
   public:
    explicit FolderLock(int folder) : file_(::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
        while (file_.valid() && ::flock(file_.get(), LOCK_EX) != 0 && errno == EINTR) {
        }
    }
    ~FolderLock() {
        if (file_.valid()) ::flock(file_.get(), LOCK_UN);
    }
    FolderLock(const FolderLock&) = delete;
    FolderLock& operator=(const FolderLock&) = delete;

   private:
    UniqueFd file_;
};

}  // namespace vmbuddies::process
