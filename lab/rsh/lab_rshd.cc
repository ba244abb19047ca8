// SPDX-License-Identifier: MIT
// lab-rshd ADDRESS [PORT]: the server of lab-rsh. It runs what it is sent, as whoever started it, without asking who
// sends: it is for the lab's own network between emulated hosts and listens on that one address only.
#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>

#include "link.h"

namespace vmbuddies::lab {
namespace {

constexpr const char* kProgram = "lab-rshd";

struct Pipe {
    int read_end;
    int write_end;
};

Pipe make_pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) fail(kProgram, "pipe");
    return {ends[0], ends[1]};
}

struct Command {
    pid_t pid;
    int input;
    int output;
    int errors;
};

Command start(const std::string& line) {
    const Pipe input = make_pipe();
    const Pipe output = make_pipe();
    const Pipe errors = make_pipe();
    const pid_t pid = ::fork();
    if (pid < 0) fail(kProgram, "fork");
    if (pid == 0) {
        ::setsid();
        ::signal(SIGPIPE, SIG_DFL);
        ::dup2(input.read_end, STDIN_FILENO);
        ::dup2(output.write_end, STDOUT_FILENO);
        ::dup2(errors.write_end, STDERR_FILENO);
        ::execl("/bin/sh", "sh", "-c", line.c_str(), nullptr);
        fail(kProgram, "/bin/sh");
    }
    ::close(input.read_end);
    ::close(output.write_end);
    ::close(errors.write_end);
    return {pid, input.write_end, output.read_end, errors.read_end};
}

/// Gives the command its input. What comes after it has closed its stdin is taken and dropped: input left unread would
/// reset the connection at its end, and the exit status would be lost with it.
void feed(Link& link, int input) {
    for (bool open = true;;) {
        const auto [frame, payload] = link.receive();
        if (frame != Frame::kInput) ::_exit(kLinkLost);
        if (!open || (!payload.empty() && write_all(input, payload))) continue;
        ::close(input);
        open = false;
    }
}

void report(Link& link, const Command& command) {
    std::thread errors([&] { link.send_all_of(command.errors, Frame::kErrors); });
    link.send_all_of(command.output, Frame::kOutput);
    errors.join();
    int status = 0;
    ::waitpid(command.pid, &status, 0);
    const char code = static_cast<char>(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    link.send(Frame::kExit, {&code, 1});
}

/// One connection, in a process of its own. It lasts until the client closes; a client that closes before the command
/// has ended leaves it as sshd would, with all its pipes closed.
[[noreturn]] void serve(int socket) {
    ::signal(SIGCHLD, SIG_DFL);
    static Link link(socket);
    const auto [frame, line] = link.receive();
    if (frame != Frame::kCommand) ::_exit(kLinkLost);
    static const Command command = start(std::string(line.begin(), line.end()));
    std::thread([] { feed(link, command.input); }).detach();
    std::thread([] { report(link, command); }).detach();
    link.wait_until_closed();
    ::_exit(0);
}

int listen_on(const char* address, std::uint16_t port) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(port);
    errno = EINVAL;
    if (::inet_pton(AF_INET, address, &at.sin_addr) != 1) fail(kProgram, address);
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int yes = 1;
    ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (::bind(socket, reinterpret_cast<sockaddr*>(&at), sizeof at) != 0) fail(kProgram, address);
    if (::listen(socket, SOMAXCONN) != 0) fail(kProgram, "listen");
    return socket;
}

}  // namespace
}  // namespace vmbuddies::lab

int main(int count, char** words) {
    using namespace vmbuddies::lab;
    if (count < 2 || count > 3) {
        std::fprintf(stderr, "usage: %s ADDRESS [PORT]\n", kProgram);
        return 2;
    }
    ::signal(SIGPIPE, SIG_IGN);
    ::signal(SIGCHLD, SIG_IGN);  // connections need no one to wait for them
    const int listener =
        listen_on(words[1], count == 3 ? static_cast<std::uint16_t>(std::strtoul(words[2], nullptr, 10)) : kRshPort);
    for (;;) {
        const int socket = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
        if (socket < 0) continue;
        if (::fork() == 0) {
            ::close(listener);
            serve(socket);
        }
        ::close(socket);
    }
}
