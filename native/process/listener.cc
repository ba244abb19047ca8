// SPDX-License-Identifier: MIT
#include "process/listener.h"

#include <poll.h>

#include <cerrno>
#include <thread>

#include "core/error.h"

namespace vmbuddies::process {
namespace {

/// How long to leave the door closed when there is no descriptor, or no memory, for one more guest.
constexpr std::chrono::milliseconds kOutOfResources(100);
constexpr std::chrono::seconds kResolveTimeout(10);

bool bind_and_listen(int fd, const Address& address) {
    const int on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    tune(fd);  // accepted sockets inherit it
    return bind(fd, address.get(), address.length) == 0 && listen(fd, SOMAXCONN) == 0;
}

}  // namespace

Listener::Listener(const std::string& host, std::uint16_t port) {
    int error = 0;
    for (const Address& address : resolve(host, port, std::chrono::steady_clock::now() + kResolveTimeout, {})) {
        UniqueFd fd(socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        Address bound;
        if (!fd.valid() || !bind_and_listen(fd.get(), address) ||
            getsockname(fd.get(), bound.get(), &bound.length) != 0) {
            error = errno;
            continue;
        }
        fd_ = std::move(fd);
        port_ = bound.port();
        return;
    }
    throw Error::system("listen", "Listening on " + host + " port " + std::to_string(port) + " failed", error);
}

std::optional<Socket> Listener::accept(TimePoint deadline, const std::stop_token& stop) {
    for (;;) {
        if (wait_ready(fd_.get(), POLLIN, deadline, stop) == 0) return std::nullopt;
        Address peer;
        UniqueFd fd(accept4(fd_.get(), peer.get(), &peer.length, SOCK_NONBLOCK | SOCK_CLOEXEC));
        if (fd.valid()) return Socket(std::move(fd), peer.text());
        // What the connection died of is the peer's affair; what we lack may come back.
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            std::this_thread::sleep_for(kOutOfResources);
        }
    }
}

}  // namespace vmbuddies::process
