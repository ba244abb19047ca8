// SPDX-License-Identifier: MIT
#include "xen/spawn.h"

#include <fcntl.h>
#include <spawn.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "core/error.h"
#include "core/spawn_attributes.h"
#include "core/unique_fd.h"

extern char** environ;

namespace vmbuddies::xen {
namespace {

class FileActions {
   public:
    FileActions() { ::posix_spawn_file_actions_init(&actions_); }
    ~FileActions() { ::posix_spawn_file_actions_destroy(&actions_); }
    FileActions(const FileActions&) = delete;
    FileActions& operator=(const FileActions&) = delete;

    void place(int fd, int as) {
        // A copy above the standard descriptors: placing one must not overwrite another where the host program runs
        // with some of them closed.
        UniqueFd copy(::fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
        if (!copy.valid()) throw Error::system("start", "A descriptor cannot be copied", errno);
        ::posix_spawn_file_actions_adddup2(&actions_, copy.get(), as);
        copies_[static_cast<std::size_t>(as)] = std::move(copy);
    }
    const posix_spawn_file_actions_t* get() const noexcept { return &actions_; }

   private:
    posix_spawn_file_actions_t actions_;
    std::array<UniqueFd, 3> copies_;
};

}  // namespace

pid_t spawn(std::vector<std::string> command, const StandardDescriptors& descriptors) {
    if (command.empty() || command.front().empty()) {
        throw Error(ErrorCode::kArgument, "start", "A command needs at least the name of a program.");
    }
    FileActions actions;
    actions.place(descriptors.input, STDIN_FILENO);
    actions.place(descriptors.output, STDOUT_FILENO);
    actions.place(descriptors.errors, STDERR_FILENO);
    const SpawnAttributes attributes;
    std::vector<char*> arguments;
    arguments.reserve(command.size() + 1);
    for (std::string& argument : command) arguments.push_back(argument.data());
    arguments.push_back(nullptr);
    pid_t pid = -1;
    const int error = ::posix_spawnp(&pid, arguments[0], actions.get(), attributes.get(), arguments.data(), environ);
    if (error != 0) {
        throw Error(
            ErrorCode::kUnavailable, "start",
            "The command " + command.front() + " cannot be run: " + std::generic_category().message(error) + '.',
            error);
    }
    return pid;
}

}  // namespace vmbuddies::xen
