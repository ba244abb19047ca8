// SPDX-License-Identifier: MIT
#include "loopback.h"

#include <sys/socket.h>

#include <cerrno>

#include "core/drop_front.h"
#include "core/error.h"
#include "process/address.h"
#include "process/socket.h"

namespace vmbuddies::bench {
namespace {

[[noreturn]] void fail(const char* what) { throw Error::system("bench", what, errno); }

template <class Move>
void move_all(std::span<iovec> parts, const char* what, Move&& move) {
    while (!parts.empty()) {
        const ssize_t moved = move(parts);
        if (moved <= 0) fail(what);
        parts = drop_front(parts, static_cast<std::size_t>(moved));
    }
}

}  // namespace

Loopback connect_loopback() {
    process::Address address;
    sockaddr_in any_port{.sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
    const UniqueFd listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    UniqueFd sender(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    process::tune(listener.get());
    process::tune(sender.get());
    if (::bind(listener.get(), reinterpret_cast<sockaddr*>(&any_port), sizeof any_port) != 0 ||
        ::listen(listener.get(), 1) != 0 || ::getsockname(listener.get(), address.get(), &address.length) != 0 ||
        ::connect(sender.get(), address.get(), address.length) != 0) {
        fail("There is no loopback connection");
    }
    UniqueFd receiver(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!receiver.valid()) fail("There is no loopback connection");
    return {std::move(sender), std::move(receiver)};
}

void write_all(int fd, std::span<iovec> parts) {
    move_all(parts, "The loopback connection broke",
             [fd](std::span<iovec> left) { return ::writev(fd, left.data(), static_cast<int>(left.size())); });
}

void read_all(int fd, std::span<iovec> parts) {
    move_all(parts, "The loopback connection broke",
             [fd](std::span<iovec> left) { return ::readv(fd, left.data(), static_cast<int>(left.size())); });
}

}  // namespace vmbuddies::bench
