// SPDX-License-Identifier: MIT
#include "process/life_line.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <mutex>

#include "core/error.h"
#include "core/unique_fd.h"

namespace vmbuddies::process {

int life_line() {
    static std::mutex mutex;
    static pid_t owner = 0;
    static UniqueFd read_end;
    static UniqueFd write_end;
    const std::lock_guard lock(mutex);
    if (owner != ::getpid()) {  // the first call, or the first after a fork: the parent's line is the parent's
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC) != 0) throw Error::system("start", "A pipe cannot be made", errno);
        read_end = UniqueFd(ends[0]);
        write_end = UniqueFd(ends[1]);
        owner = ::getpid();
    }
    return read_end.get();
}

}  // namespace vmbuddies::process
