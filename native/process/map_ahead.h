// SPDX-License-Identifier: MIT
#pragma once
#include <stop_token>
#include <thread>

namespace vmbuddies::process {

class ProcessDomain;

/// Maps what a domain's memory holds into this process, from a thread of its own: while the connection is made and the
/// other side gets its memory ready there is time for it, and round 0 then need not fault its way through the pages.
/// Nobody waits for it. What it has not come to, or cannot map, faults in when it is sent.
class MapAhead {
   public:
    /// `domain` must outlive this.
    explicit MapAhead(const ProcessDomain& domain) noexcept;

   private:
    std::jthread thread_;
};

}  // namespace vmbuddies::process
