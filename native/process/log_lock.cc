// SPDX-License-Identifier: MIT
#include "process/log_lock.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <string>

#include "core/error.h"
#include "process/control_block.h"
#include "process/process_domain.h"

namespace vmbuddies::process {
namespace {

/// Opened anew: the lock belongs to an open file description, and the domain's own is kept by its mapping.
UniqueFd open_memory(const ProcessDomain& domain) {
    const std::string path = "/proc/self/fd/" + std::to_string(domain.memory_fd());
    UniqueFd file(::open(path.c_str(), O_RDWR | O_CLOEXEC));
    if (!file.valid()) throw Error::system("dirty log", "The memory of " + domain.name() + " cannot be opened", errno);
    return file;
}

}  // namespace

LogLock::LogLock(ProcessDomain& domain) : control_(domain.control()), file_(open_memory(domain)) {
    if (::flock(file_.get(), LOCK_EX | LOCK_NB) == 0) {
        control_.log_owner_pid.store(::getpid());
        return;
    }
    if (errno != EWOULDBLOCK)
        throw Error::system("dirty log", "The memory of " + domain.name() + " cannot be locked", errno);
    const int owner = control_.log_owner_pid.load();
    throw Error(ErrorCode::kDirtyLogBusy, "dirty log",
                "The dirty log of " + domain.name() + " belongs to " +
                    (owner > 0 ? "process " + std::to_string(owner) : std::string("another process")) + ".");
}

LogLock::~LogLock() {
    if (!file_.valid()) return;
    control_.log_owner_pid.store(0);
    // Explicitly, because a child being forked just now may hold a copy of the descriptor for a moment.
    ::flock(file_.get(), LOCK_UN);
}

bool LogLock::is_taken(const ProcessDomain& domain) {
    const UniqueFd file = open_memory(domain);
    return ::flock(file.get(), LOCK_SH | LOCK_NB) != 0;
}

}  // namespace vmbuddies::process
