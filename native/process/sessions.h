// SPDX-License-Identifier: MIT
#pragma once
#include <chrono>
#include <cstdint>
#include <deque>
#include <mutex>
#include <set>
#include <string>
#include <utility>

#include "process/arrivals.h"

namespace vmbuddies::process {

/// What became of a domain at a receiver.
enum class Place : std::uint32_t {
    kRunning = 1,  ///< it has started there and is there now, running or paused by its owner
    kHeld = 2,     ///< being received, prepared, or suspended by a migration that takes it elsewhere: this will change
    kGone = 3,     ///< it was let go there, by whatever receiver, and is not there any more
    kAbsent = 4,   ///< never let go there, as far back as was asked, and nothing sent so far can ever start it
    kUnknown = 5,  ///< it is not there; what is remembered does not reach as far back as was asked (arrivals.h)
};
const char* place_name(Place place) noexcept;

/// Which domains a receiver is receiving, and which it has started, by uuid. Thread-safe; outlives its sessions.
class Sessions {
   public:
    /// Of the receivers of a registry, this one's. Errors as Arrivals().
    explicit Sessions(const std::string& registry) : registry_(registry), arrivals_(registry) {}

    /// From the hello to the end of the connection: as long as it lasts the domain may still start.
    class Session {
       public:
        Session(Sessions& sessions, std::string uuid) : sessions_(&sessions), uuid_(std::move(uuid)) {}
        Session(Session&& other) noexcept
            : sessions_(std::exchange(other.sessions_, nullptr)), uuid_(std::move(other.uuid_)) {}
        Session& operator=(Session&&) = delete;
        ~Session() {
            if (sessions_ != nullptr) sessions_->end(uuid_);
        }
        /// Before the guest is let go: whoever asks from now on, this receiver or a later one, hears that it was.
        /// kSystem if that cannot be made sure: it must not be let go.
        void starts() { sessions_->note_start(uuid_); }

       private:
        Sessions* sessions_;
        std::string uuid_;
    };

    Session begin(const std::string& uuid);
    std::size_t count() const;
    /// Has one with this uuid started here, of the latest few thousand?
    bool has_started(const std::string& uuid) const;
    /// Looks at the sessions, then at the guests in the registry, whoever brought them there, then at what has arrived.
    /// `ago` as in Arrivals::recall().
    Place place_of(const std::string& uuid, std::chrono::milliseconds ago) const;

   private:
    void end(const std::string& uuid) noexcept;
    void note_start(const std::string& uuid);

    const std::string registry_;
    const Arrivals arrivals_;
    mutable std::mutex mutex_;
    std::multiset<std::string> open_;
    std::deque<std::string> started_;  ///< the latest ones
};

}  // namespace vmbuddies::process
