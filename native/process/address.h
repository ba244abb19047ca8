// SPDX-License-Identifier: MIT
#pragma once
#include <netinet/in.h>
#include <sys/socket.h>

#include <chrono>
#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

namespace vmbuddies::process {

using TimePoint = std::chrono::steady_clock::time_point;

/// An IPv4 or IPv6 address with its port.
struct Address {
    sockaddr_storage storage{};
    socklen_t length = sizeof(sockaddr_storage);

    int family() const noexcept { return storage.ss_family; }
    sockaddr* get() noexcept { return reinterpret_cast<sockaddr*>(&storage); }
    const sockaddr* get() const noexcept { return reinterpret_cast<const sockaddr*>(&storage); }
    std::uint16_t port() const noexcept;
    /// ADDRESS:PORT, an IPv6 address in brackets.
    std::string text() const;
};

/// All addresses of `host`, in the order to be tried. A name server cannot be hurried, so names are looked up
/// aside: kPeer if there is no such host, kDeadline past `deadline`, Aborted when `stop` is stopped.
std::vector<Address> resolve(const std::string& host, std::uint16_t port, TimePoint deadline,
                             const std::stop_token& stop);

}  // namespace vmbuddies::process
