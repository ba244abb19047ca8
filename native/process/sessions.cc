// SPDX-License-Identifier: MIT
#include "process/sessions.h"

#include <algorithm>
#include <optional>

#include "process/control_block.h"
#include "process/process_domain.h"

namespace vmbuddies::process {
namespace {

/// Enough for a long life of one receiver, and less than half a megabyte.
constexpr std::size_t kMaxRemembered = 8192;

/// Where the guests of a registry that have this uuid are; no value if there is none.
std::optional<Place> look_at(const std::string& registry, const std::string& uuid) {
    std::optional<Place> found;
    for (const DomainInfo& info : ProcessDomain::list(registry)) {
        if (info.uuid != uuid) continue;
        if (!info.incoming && !info.moving) return Place::kRunning;
        found = Place::kHeld;
    }
    return found;
}

}  // namespace

const char* place_name(Place place) noexcept {
    switch (place) {
        case Place::kRunning:
            return "running";
        case Place::kHeld:
            return "held";
        case Place::kGone:
            return "gone";
        case Place::kUnknown:
            return "unknown";
        case Place::kAbsent:
            break;
    }
    return "absent";
}

Sessions::Session Sessions::begin(const std::string& uuid) {
    const std::lock_guard lock(mutex_);
    open_.insert(uuid);
    return Session(*this, uuid);
}

void Sessions::end(const std::string& uuid) noexcept {
    const std::lock_guard lock(mutex_);
    open_.erase(open_.find(uuid));
}

void Sessions::note_start(const std::string& uuid) {
    arrivals_.note(uuid);
    const std::lock_guard lock(mutex_);
    if (started_.size() == kMaxRemembered) started_.pop_front();
    started_.push_back(uuid);
}

std::size_t Sessions::count() const {
    const std::lock_guard lock(mutex_);
    return open_.size();
}

bool Sessions::has_started(const std::string& uuid) const {
    const std::lock_guard lock(mutex_);
    return std::ranges::find(started_, uuid) != started_.end();
}

Place Sessions::place_of(const std::string& uuid, std::chrono::milliseconds ago) const {
    {
        // Before the registry: a session that has ended by now has left there whatever it will ever leave.
        const std::lock_guard lock(mutex_);
        if (open_.contains(uuid)) return Place::kHeld;
    }
    // Twice: another receiver's guest may take its final name while the folder is read, and be missed under both.
    for (int look = 0; look < 2; ++look) {
        if (const auto place = look_at(registry_, uuid)) return *place;
    }
    // After the guests: what was let go and has left meanwhile is in here.
    switch (arrivals_.recall(uuid, ago)) {
        case Arrivals::Memory::kArrived:
            return Place::kGone;
        case Arrivals::Memory::kForgotten:
            return Place::kUnknown;
        case Arrivals::Memory::kNever:
            break;
    }
    return Place::kAbsent;
}

}  // namespace vmbuddies::process
