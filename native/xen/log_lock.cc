// SPDX-License-Identifier: MIT
#include "xen/log_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "core/error.h"

namespace vmbuddies::xen {
namespace {

constexpr const char* kFolder = "/run/vmbuddies";
constexpr const char* kOperation = "dirty log";

UniqueFd open_lock_file(const char* kind, std::uint32_t domid) {
    const std::string path = std::string(kFolder) + "/" + kind + "-" + std::to_string(domid);
    if (::mkdir(kFolder, 0700) != 0 && errno != EEXIST) {
        throw Error::system(kOperation, std::string(kFolder) + " cannot be made", errno);
    }
    UniqueFd file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file.valid()) throw Error::system(kOperation, path + " cannot be opened", errno);
    return file;
}

std::string owner_of(const UniqueFd& file) {
    char pid[16] = {};
    return ::pread(file.get(), pid, sizeof pid - 1, 0) > 0 ? std::string("process ") + pid : "another process";
}

/// For messages only: the lock holds without it.
void sign(const UniqueFd& file, const std::string& text) {
    const bool signed_now = ::ftruncate(file.get(), 0) == 0 && ::pwrite(file.get(), text.data(), text.size(), 0) > 0;
    static_cast<void>(signed_now);
}

[[noreturn]] void refuse_moving(const UniqueFd& file, const std::string& name, const char* operation) {
    char purpose[200] = {};
    const bool known = ::pread(file.get(), purpose, sizeof purpose - 1, 0) > 0;
    throw Error(ErrorCode::kState, operation,
                name + " is being moved" + (known ? std::string(": ") + purpose : std::string()) + ".");
}

}  // namespace

LogLock::LogLock(std::uint32_t domid, const std::string& name) : file_(open_lock_file("log-dirty", domid)) {
    if (::flock(file_.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK)
            throw Error::system(kOperation, "The dirty log of " + name + " cannot be locked", errno);
        throw Error(ErrorCode::kDirtyLogBusy, kOperation,
                    "The dirty log of " + name + " belongs to " + owner_of(file_) + ".");
    }
    sign(file_, std::to_string(::getpid()));
}

LogLock::~LogLock() {
    // Explicitly, because a child being forked just now may hold a copy of the descriptor for a moment.
    ::flock(file_.get(), LOCK_UN);
}

MoveClaim::MoveClaim(std::uint32_t domid, const std::string& name, const std::string& purpose)
    : file_(open_lock_file("moving", domid)) {
    if (::flock(file_.get(), LOCK_EX | LOCK_NB) != 0) refuse_moving(file_, name, "claim");
    sign(file_, purpose);
}

MoveClaim::~MoveClaim() {
    sign(file_, "");
    ::flock(file_.get(), LOCK_UN);
}

void MoveClaim::require_none(std::uint32_t domid, const std::string& name, const char* operation) {
    const UniqueFd file = open_lock_file("moving", domid);
    if (::flock(file.get(), LOCK_SH | LOCK_NB) != 0) refuse_moving(file, name, operation);
}

}  // namespace vmbuddies::xen
