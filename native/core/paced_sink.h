// SPDX-License-Identifier: MIT
#pragma once
#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "control.h"
#include "destination.h"
#include "pacer.h"

namespace vmbuddies {

/// Writes to the destination no faster than the rate ordered: in slices of the pacer's quantum, each when it is due.
/// A new rate and abort() take effect in the midst of a wait.
class PacedSink {
   public:
    using TimePoint = Pacer::TimePoint;

    PacedSink(Destination& destination, Control& control, std::uint64_t bytes_per_second);

    /// A round begins: until now nothing was to be written.
    void begin_round() { pacer_.rested(std::chrono::steady_clock::now()); }
    /// Returns when everything is written.
    void write(std::span<const iovec> parts);

    /// When the last slice was written; when this was made, if none was.
    TimePoint last_write() const noexcept { return last_write_; }
    /// Written so far.
    std::uint64_t bytes() const noexcept { return bytes_; }

   private:
    void wait_for_turn(std::size_t bytes);

    Destination& destination_;
    Control& control_;
    Pacer pacer_;
    TimePoint last_write_;
    std::uint64_t bytes_ = 0;
    std::vector<iovec> slice_;
};

}  // namespace vmbuddies
