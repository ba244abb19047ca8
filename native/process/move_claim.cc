// SPDX-License-Identifier: MIT
#include "process/move_claim.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "core/error.h"
#include "process/control_block.h"
#include "process/process_domain.h"

namespace vmbuddies::process {
namespace {

/// Opened anew, for the lock belongs to an open file description. The dirty log's lock is of another kind (flock) on
/// the same file; the two do not see each other.
UniqueFd open_memory(const ProcessDomain& domain, const char* operation) {
    const std::string path = "/proc/self/fd/" + std::to_string(domain.memory_fd());
    UniqueFd file(::open(path.c_str(), O_RDWR | O_CLOEXEC));
    if (!file.valid()) throw Error::system(operation, "The memory of " + domain.name() + " cannot be opened", errno);
    return file;
}

struct flock whole_file(short type) {
    struct flock lock {};
    lock.l_type = type;
    lock.l_whence = SEEK_SET;
    return lock;
}

[[noreturn]] void refuse(const ProcessDomain& domain, const char* operation) {
    const char* text = domain.control().mover;
    const std::string mover(text, strnlen(text, sizeof ControlBlock::mover));
    throw Error(ErrorCode::kState, operation,
                domain.name() + " is being moved" + (mover.empty() ? "." : ": " + mover + "."));
}

}  // namespace

MoveClaim::MoveClaim(ProcessDomain& domain, const std::string& purpose)
    : domain_(domain), file_(open_memory(domain, "claim")) {
    struct flock lock = whole_file(F_WRLCK);
    if (::fcntl(file_.get(), F_OFD_SETLK, &lock) != 0) {
        if (errno == EAGAIN || errno == EACCES) refuse(domain, "claim");
        throw Error::system("claim", "The memory of " + domain.name() + " cannot be locked", errno);
    }
    char* mover = domain.control().mover;
    const std::size_t length = std::min(purpose.size(), sizeof ControlBlock::mover - 1);
    std::memcpy(mover, purpose.data(), length);
    mover[length] = '\0';
}

MoveClaim::~MoveClaim() {
    domain_.control().mover[0] = '\0';
    // Explicitly, because a child being forked just now may hold a copy of the descriptor for a moment.
    struct flock lock = whole_file(F_UNLCK);
    ::fcntl(file_.get(), F_OFD_SETLK, &lock);
}

void MoveClaim::require_none(const ProcessDomain& domain, const char* operation) {
    const UniqueFd file = open_memory(domain, operation);
    struct flock lock = whole_file(F_WRLCK);
    if (::fcntl(file.get(), F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK) refuse(domain, operation);
}

}  // namespace vmbuddies::process
