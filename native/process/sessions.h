// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <deque>
#include <mutex>
#include <set>
#include <string>
#include <utility>

namespace vmbuddies::process {

/// What became of a domain at a receiver.
enum class Place : std::uint32_t {
    kRunning = 1,  ///< it has started there and is there now, running or paused by its owner
    kHeld = 2,     ///< being received, prepared, or suspended by a migration that takes it elsewhere: this will change
    kGone = 3,     ///< that receiver has started it, and it is not there any more
    kAbsent = 4,   ///< not started since the receiver began to listen, and nothing sent so far can ever start it
};
const char* place_name(Place place) noexcept;

/// Which domains a receiver is receiving, and which it has started, by uuid. Thread-safe; outlives its sessions.
class Sessions {
   public:
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
        void started() { sessions_->note_started(uuid_); }

       private:
        Sessions* sessions_;
        std::string uuid_;
    };

    Session begin(const std::string& uuid);
    std::size_t count() const;
    /// Has one with this uuid started here, of the latest few thousand?
    bool has_started(const std::string& uuid) const;
    /// Looks at the sessions, and then at the guests in `registry`, whoever brought them there.
    Place place_of(const std::string& uuid, const std::string& registry) const;

   private:
    void end(const std::string& uuid) noexcept;
    void note_started(const std::string& uuid);

    mutable std::mutex mutex_;
    std::multiset<std::string> open_;
    std::deque<std::string> started_;  ///< the latest ones, for kGone
};

}  // namespace vmbuddies::process
