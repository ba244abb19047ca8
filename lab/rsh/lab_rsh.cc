// SPDX-License-Identifier: MIT
// lab-rsh [-p PORT] ADDRESS COMMAND…: runs a command on another host of the lab as ssh would, over plain TCP, because
// ciphers are slow on an emulated CPU. Its stdin, stdout, stderr and exit status are the command's. Ssh's other options
// are taken and ignored, so that it fits wherever a command line is made for ssh (xl migrate -s).
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>

#include "link.h"

namespace vmbuddies::lab {
namespace {

constexpr const char* kProgram = "lab-rsh";
/// ssh's, from its manual; '+' ends the options at the address, for the rest is the command's.
constexpr const char* kSshOptions = "+46AaCfGgKkMNnqsTtVvXxYyB:b:c:D:E:e:F:I:i:J:L:l:m:O:o:p:Q:R:S:W:w:";

struct Call {
    std::string address;
    std::uint16_t port = kRshPort;
    std::string command;
};

Call parse(int count, char** words) {
    Call call;
    for (int option; (option = ::getopt(count, words, kSshOptions)) != -1;) {
        if (option == 'p') call.port = static_cast<std::uint16_t>(std::strtoul(optarg, nullptr, 10));
        if (option == '?') ::_exit(kLinkLost);
    }
    if (count - optind < 2) {
        std::fprintf(stderr, "usage: %s [-p PORT] ADDRESS COMMAND...\n", kProgram);
        ::_exit(kLinkLost);
    }
    call.address = words[optind];
    call.address.erase(0, call.address.find('@') + 1);  // the user of USER@HOST; npos + 1 is 0
    call.command = words[optind + 1];
    for (int i = optind + 2; i < count; ++i) call.command.append(" ").append(words[i]);
    return call;
}

int connect(const Call& call) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(call.port);
    const std::string name = call.address + ":" + std::to_string(call.port);
    errno = EINVAL;
    if (::inet_pton(AF_INET, call.address.c_str(), &to.sin_addr) != 1) fail(kProgram, name);
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const timeval patience{10, 0};
    ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (::connect(socket, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) fail(kProgram, name);
    const timeval forever{};
    ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &forever, sizeof forever);
    return socket;
}

/// Hands on what the command says until it has ended; its exit status.
int relay(Link& link) {
    for (;;) {
        const auto [frame, payload] = link.receive();
        switch (frame) {
            case Frame::kOutput:
                if (payload.empty()) ::close(STDOUT_FILENO);
                // Whoever read our output has gone; our end tells the command, through the server.
                else if (!write_all(STDOUT_FILENO, payload))
                    return kLinkLost;
                break;
            case Frame::kErrors:
                write_all(STDERR_FILENO, payload);
                break;
            case Frame::kExit:
                return payload.empty() ? kLinkLost : static_cast<unsigned char>(payload.front());
            default:
                return kLinkLost;
        }
    }
}

}  // namespace
}  // namespace vmbuddies::lab

int main(int count, char** words) {
    using namespace vmbuddies::lab;
    ::signal(SIGPIPE, SIG_IGN);
    const Call call = parse(count, words);
    static Link link(connect(call));
    if (call.command.size() > Link::kMaxPayload) {
        errno = E2BIG;
        fail(kProgram, "command");
    }
    link.send(Frame::kCommand, call.command);
    // Left alone at the end: it may wait for input that nobody wants any more.
    std::thread([] { link.send_all_of(STDIN_FILENO, Frame::kInput); }).detach();
    ::_exit(relay(link));
}
