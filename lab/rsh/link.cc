// SPDX-License-Identifier: MIT
#include "link.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace vmbuddies::lab {
namespace {

struct Header {
    std::uint32_t frame;
    std::uint32_t length;
};

void set(int socket, int level, int option, int value) { ::setsockopt(socket, level, option, &value, sizeof value); }

}  // namespace

Link::Link(int socket) : socket_(socket) {
    constexpr int kSilenceSeconds = 4;
    constexpr int kProbeSeconds = 2;
    constexpr int kProbes = 3;
    set(socket_, SOL_SOCKET, SO_KEEPALIVE, 1);
    set(socket_, IPPROTO_TCP, TCP_KEEPIDLE, kSilenceSeconds);
    set(socket_, IPPROTO_TCP, TCP_KEEPINTVL, kProbeSeconds);
    set(socket_, IPPROTO_TCP, TCP_KEEPCNT, kProbes);
    // Probes are only sent on a quiet link; this one bounds data that nobody acknowledges.
    set(socket_, IPPROTO_TCP, TCP_USER_TIMEOUT, (kSilenceSeconds + kProbes * kProbeSeconds) * 1000);
    set(socket_, IPPROTO_TCP, TCP_NODELAY, 1);  // a handshake's few bytes wait for nothing
}

void Link::send(Frame frame, std::span<const char> payload) {
    Header header{htonl(static_cast<std::uint32_t>(frame)), htonl(static_cast<std::uint32_t>(payload.size()))};
    iovec parts[] = {{&header, sizeof header}, {const_cast<char*>(payload.data()), payload.size()}};
    msghdr message{};
    message.msg_iov = parts;
    message.msg_iovlen = 2;
    const std::lock_guard lock(sending_);
    while (message.msg_iovlen > 0) {
        const ssize_t sent = ::sendmsg(socket_, &message, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0) ::_exit(kLinkLost);
        auto left = static_cast<std::size_t>(sent);
        while (message.msg_iovlen > 0 && left >= message.msg_iov->iov_len) {
            left -= message.msg_iov->iov_len;
            ++message.msg_iov;
            --message.msg_iovlen;
        }
        if (message.msg_iovlen == 0) break;
        message.msg_iov->iov_base = static_cast<char*>(message.msg_iov->iov_base) + left;
        message.msg_iov->iov_len -= left;
    }
}

Link::Received Link::receive() {
    Header header;
    read_exactly({reinterpret_cast<char*>(&header), sizeof header});
    const std::span<char> payload(buffer_, ntohl(header.length));
    if (payload.size() > kMaxPayload) ::_exit(kLinkLost);
    read_exactly(payload);
    return {static_cast<Frame>(ntohl(header.frame)), payload};
}

void Link::send_all_of(int source, Frame frame) {
    char buffer[kMaxPayload];
    for (;;) {
        const ssize_t length = ::read(source, buffer, sizeof buffer);
        if (length < 0 && errno == EINTR) continue;
        if (length <= 0) break;
        send(frame, {buffer, static_cast<std::size_t>(length)});
    }
    ::close(source);
    send(frame, {});
}

void Link::wait_until_closed() const {
    pollfd peer{socket_, POLLRDHUP, 0};
    while (::poll(&peer, 1, -1) != 1) {
    }
}

void Link::read_exactly(std::span<char> into) const {
    while (!into.empty()) {
        const ssize_t length = ::recv(socket_, into.data(), into.size(), MSG_WAITALL);
        if (length < 0 && errno == EINTR) continue;
        if (length <= 0) ::_exit(kLinkLost);
        into = into.subspan(static_cast<std::size_t>(length));
    }
}

bool write_all(int fd, std::span<const char> bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return false;
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    return true;
}

void fail(const char* program, std::string_view what) {
    const int error = errno;
    std::fprintf(stderr, "%s: %.*s: %s\n", program, static_cast<int>(what.size()), what.data(), std::strerror(error));
    ::_exit(kLinkLost);
}

}  // namespace vmbuddies::lab
