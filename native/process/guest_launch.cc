// SPDX-License-Identifier: MIT
#include "process/guest_launch.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <system_error>
#include <utility>
#include <vector>

#include "core/error.h"
#include "core/spawn_attributes.h"
#include "process/control_block.h"

extern char** environ;

namespace vmbuddies::process {
namespace {

/// A copy above every number a guest's descriptors get, so that placing one cannot overwrite another.
UniqueFd lift(int fd) {
    UniqueFd copy(::fcntl(fd, F_DUPFD_CLOEXEC, kGuestStartupFd + 1));
    if (!copy.valid()) throw Error::system("start", "A descriptor cannot be copied", errno);
    return copy;
}

class FileActions {
   public:
    FileActions() {
        ::posix_spawn_file_actions_init(&actions_);
        for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
            ::posix_spawn_file_actions_addopen(&actions_, fd, "/dev/null", O_RDWR, 0);
        }
    }
    ~FileActions() { ::posix_spawn_file_actions_destroy(&actions_); }
    FileActions(const FileActions&) = delete;
    FileActions& operator=(const FileActions&) = delete;

    void place(int fd, int as) {
        lifted_.push_back(lift(fd));
        ::posix_spawn_file_actions_adddup2(&actions_, lifted_.back().get(), as);
    }
    const posix_spawn_file_actions_t* get() const noexcept { return &actions_; }

   private:
    posix_spawn_file_actions_t actions_;
    std::vector<UniqueFd> lifted_;
};

}  // namespace

GuestLaunch::GuestLaunch(const std::string& program, const std::string& name, const GuestDescriptors& descriptors,
                         const ControlBlock& control)
    : name_(name), control_(control) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw Error::system("start", "A pipe cannot be made", errno);
    startup_ = UniqueFd(ends[0]);
    const UniqueFd report(ends[1]);

    FileActions actions;
    actions.place(descriptors.memory, kGuestMemoryFd);
    actions.place(descriptors.control, kGuestControlFd);
    actions.place(descriptors.entry, kGuestEntryFd);
    actions.place(descriptors.life, kGuestLifeFd);
    actions.place(report.get(), kGuestStartupFd);
    const SpawnAttributes attributes;
    std::string title = "vmbuddies-guest";
    std::string domain = name;
    std::array<char*, 3> arguments{title.data(), domain.data(), nullptr};
    pid_t pid = -1;
    const int error = ::posix_spawn(&pid, program.c_str(), actions.get(), attributes.get(), arguments.data(), environ);
    if (error != 0) {
        throw Error(ErrorCode::kUnavailable, "start",
                    "The guest program " + program + " cannot be run: " + std::generic_category().message(error) + ".",
                    error);
    }
    // It forks the guest and ends at once. Somebody else's wait() may have had it: then there is nothing to reap.
    while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
    }
}

GuestLaunch::~GuestLaunch() {
    const int pid = control_.pid.load();
    if (!dismissed_ && pid > 0) ::kill(pid, SIGKILL);
}

void GuestLaunch::await_ready() {
    std::string report;
    std::array<char, 512> buffer;
    for (;;) {
        const ssize_t length = ::read(startup_.get(), buffer.data(), buffer.size());
        if (length < 0 && errno == EINTR) continue;
        if (length <= 0) break;
        report.append(buffer.data(), static_cast<std::size_t>(length));
        if (report[0] == kStartupReady) return;
    }
    dismissed_ = true;  // it has ended by itself
    if (!report.empty()) throw Error(ErrorCode::kUnavailable, "start", report);
    throw Error(ErrorCode::kMemory, "start",
                "The guest of " + name_ + " ended while it filled its memory; most likely there is too little of it.");
}

}  // namespace vmbuddies::process
