// SPDX-License-Identifier: MIT
#include "process/socket.h"

#include <limits.h>
#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "core/error.h"
#include "core/wait.h"

namespace vmbuddies::process {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

std::string reason(int error) { return std::generic_category().message(error); }

/// How the failure of a send or receive reads, or no value when it only means "not now".
std::nullopt_t fail_unless_retry(const std::string& peer, int error) {
    switch (error) {
        case EAGAIN:
        case EINTR:
            return std::nullopt;
        case ETIMEDOUT:
            throw Error(ErrorCode::kDeadline, "connection", peer + " has stopped answering.", error);
        case EFAULT:  // what a user-mode access would have been killed for (SIGBUS)
        case ENOMEM:
        case ENOBUFS:
            throw Error(ErrorCode::kMemory, "connection",
                        "Memory for the exchange with " + peer + " could not be had: " + reason(error) + '.', error);
        default:
            throw Error(ErrorCode::kPeer, "connection", "The connection to " + peer + " broke: " + reason(error) + '.',
                        error);
    }
}

msghdr message_of(std::span<const iovec> parts) noexcept {
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(parts.data());  // the kernel only reads it
    message.msg_iovlen = std::min<std::size_t>(parts.size(), IOV_MAX);
    return message;
}

int set_option(int fd, int level, int name, int value) noexcept {
    return setsockopt(fd, level, name, &value, sizeof value);
}

/// Connects to one address; the errno of the failure, 0 for success, ETIMEDOUT past the deadline.
int try_address(int fd, const Address& address, TimePoint deadline, const std::stop_token& stop) {
    if (::connect(fd, address.get(), address.length) == 0) return 0;
    if (errno != EINPROGRESS) return errno;
    if (wait_ready(fd, POLLOUT, deadline, stop) == 0) return ETIMEDOUT;
    int error = 0;
    socklen_t size = sizeof error;
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

}  // namespace

short wait_ready(int fd, short events, TimePoint deadline, const std::stop_token& stop) {
    pollfd polled{fd, events, 0};
    return wait_any({&polled, 1}, deadline, stop) ? polled.revents : 0;
}

void tune(int fd) noexcept {
    set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    // Best effort: BBR, where it is the default, moves half as much as CUBIC between processes of one host.
    constexpr char kCongestion[] = "cubic";
    setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, kCongestion, sizeof kCongestion - 1);
    // A connection may rightly be silent for hours at a barrier; a peer that is gone is noticed after 40 s.
    set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, 10);
    set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, 5);
    set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, 6);
}

Socket Socket::connect(const std::string& host, std::uint16_t port, milliseconds timeout, const std::stop_token& stop) {
    const TimePoint deadline = steady_clock::now() + timeout;
    const std::vector<Address> addresses = resolve(host, port, deadline, stop);
    int error = 0;
    std::string tried;
    for (std::size_t i = 0; i < addresses.size(); ++i) {
        const Address& address = addresses[i];
        UniqueFd fd(socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        if (fd.get() < 0) {
            error = errno;
            continue;
        }
        tune(fd.get());
        // An equal share of what time is left, so that one dead address cannot use up the others' chance.
        const TimePoint now = steady_clock::now();
        const TimePoint until = now + (deadline - now) / static_cast<std::int64_t>(addresses.size() - i);
        tried = address.text();
        error = try_address(fd.get(), address, until, stop);
        if (error == 0) return Socket(std::move(fd), tried);
    }
    if (error == ETIMEDOUT) {
        throw Error(ErrorCode::kDeadline, "connect",
                    tried + " did not answer within " + std::to_string(timeout.count()) + " ms.", error);
    }
    throw Error(ErrorCode::kPeer, "connect", "Connecting to " + tried + " failed: " + reason(error) + '.', error);
}

std::optional<std::size_t> Socket::send(std::span<const iovec> parts) {
    const msghdr message = message_of(parts);
    const ssize_t sent = sendmsg(fd_.get(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0) return fail_unless_retry(peer_, errno);
    return static_cast<std::size_t>(sent);
}

std::optional<std::size_t> Socket::receive(std::span<const iovec> parts) {
    msghdr message = message_of(parts);
    const ssize_t received = recvmsg(fd_.get(), &message, MSG_DONTWAIT);
    if (received < 0) return fail_unless_retry(peer_, errno);
    return static_cast<std::size_t>(received);
}

std::size_t Socket::unconfirmed() const noexcept {
    int bytes = 0;
    return ioctl(fd_.get(), SIOCOUTQ, &bytes) == 0 ? static_cast<std::size_t>(bytes) : 0;
}

void Socket::set_patience(milliseconds patience) noexcept {
    const auto value = std::clamp<std::int64_t>(patience.count(), 1, INT_MAX);
    set_option(fd_.get(), IPPROTO_TCP, TCP_USER_TIMEOUT, static_cast<int>(value));
}

void Socket::finish() noexcept { shutdown(fd_.get(), SHUT_WR); }

void Socket::reset() noexcept {
    const linger now{.l_onoff = 1, .l_linger = 0};
    setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
    fd_.reset();
}

}  // namespace vmbuddies::process
