// SPDX-License-Identifier: MIT
#include "process/address.h"

#include <arpa/inet.h>
#include <netdb.h>

#include <condition_variable>
#include <cstring>
#include <memory>
#include <mutex>
#include <thread>

#include "core/error.h"

namespace vmbuddies::process {
namespace {

/// What a look-up came to. Shared with its thread, which may outlive the caller's patience.
struct LookUp {
    std::mutex mutex;
    std::condition_variable_any done_changed;
    bool done = false;
    int result = 0;
    std::vector<Address> addresses;
};

int look_up(const std::string& host, std::uint16_t port, int flags, std::vector<Address>& out) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = flags | AI_NUMERICSERV;
    addrinfo* found = nullptr;
    const int result = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
    if (result != 0) return result;
    for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
        Address& address = out.emplace_back();
        std::memcpy(&address.storage, entry->ai_addr, entry->ai_addrlen);
        address.length = entry->ai_addrlen;
    }
    freeaddrinfo(found);
    return 0;
}

}  // namespace

std::uint16_t Address::port() const noexcept {
    // The port lies at the same place in both kinds of address.
    return ntohs(reinterpret_cast<const sockaddr_in*>(&storage)->sin_port);
}

std::string Address::text() const {
    char host[NI_MAXHOST];
    if (getnameinfo(get(), length, host, sizeof host, nullptr, 0, NI_NUMERICHOST) != 0) return "an unknown address";
    const std::string port_text = ':' + std::to_string(port());
    return family() == AF_INET6 ? '[' + std::string(host) + ']' + port_text : host + port_text;
}

std::vector<Address> resolve(const std::string& host, std::uint16_t port, TimePoint deadline,
                             const std::stop_token& stop) {
    std::vector<Address> numeric;
    if (look_up(host, port, AI_NUMERICHOST, numeric) == 0) return numeric;

    const auto shared = std::make_shared<LookUp>();
    std::thread([shared, host, port] {
        std::vector<Address> addresses;
        const int result = look_up(host, port, AI_ADDRCONFIG, addresses);
        const std::lock_guard lock(shared->mutex);
        shared->addresses = std::move(addresses);
        shared->result = result;
        shared->done = true;
        shared->done_changed.notify_all();
    }).detach();

    std::unique_lock lock(shared->mutex);
    const bool done = shared->done_changed.wait_until(lock, stop, deadline, [&] { return shared->done; });
    if (stop.stop_requested()) throw Aborted{};
    if (!done) throw Error(ErrorCode::kDeadline, "resolve", "The address of " + host + " did not come in time.");
    if (shared->result != 0) {
        throw Error(ErrorCode::kPeer, "resolve",
                    "The address of " + host + " is not known: " + gai_strerror(shared->result) + '.');
    }
    return std::move(shared->addresses);
}

}  // namespace vmbuddies::process
