// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>

#include "process/socket.h"

namespace vmbuddies::process {

/// A TCP port that is listened on.
class Listener {
   public:
    /// Binds to the first address of `host` that can be bound; port 0 is any free one. kSystem if none can.
    Listener(const std::string& host, std::uint16_t port);

    std::uint16_t port() const noexcept { return port_; }
    /// The next connection. No value once `deadline` has passed. Aborted on `stop`.
    std::optional<Socket> accept(TimePoint deadline, const std::stop_token& stop);

   private:
    UniqueFd fd_;
    std::uint16_t port_ = 0;
};

}  // namespace vmbuddies::process
