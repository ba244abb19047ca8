// SPDX-License-Identifier: MIT
#pragma once
#include <chrono>
#include <cstdint>

namespace vmbuddies::xen {

/// What a migration needs of its guest where somebody else writes the stream. Every method but one may throw Error.
class SavedGuest {
   public:
    virtual ~SavedGuest() = default;

    /// Error kDomainGone if the guest will not run again.
    virtual void require_alive() = 0;
    /// Pages that it has now.
    virtual std::uint64_t present_pages() = 0;
    /// As Domain's.
    virtual void enable_dirty_log() = 0;
    virtual std::uint64_t dirty_count() = 0;
    virtual void disable_dirty_log() noexcept = 0;
    virtual void suspend(std::chrono::milliseconds timeout) = 0;
    virtual void resume() = 0;
};

}  // namespace vmbuddies::xen
