// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "error.h"
#include "stop_rule.h"

namespace vmbuddies {

inline constexpr std::uint64_t kUnlimited = std::numeric_limits<std::uint64_t>::max();

enum class State { kIdle, kPrecopy, kWaiting, kStopping, kPrepared, kCommitted, kAborted };
/// "precopy" and so on.
const char* state_name(State state) noexcept;

/// Where the guest is when a migration has ended.
enum class Where { kSource, kDestination, kUnknown };
const char* where_name(Where where) noexcept;

/// Which pages of zeros travel without data. kFirstRound: an XALLOC entry only makes a page exist, so it may stand
/// for zeros only where nothing was sent before and new pages are zeros, which Xen does not promise. kAlways: the
/// receiver clears the page.
enum class ZeroPages { kNever, kFirstRound, kAlways };

enum class RoundKind { kPrecopy, kWaitAndCopy, kStopAndCopy };
const char* round_kind_name(RoundKind kind) noexcept;

/// One finished round. Counts are pages unless the name says otherwise.
struct RoundStats {
    std::uint32_t round = 0;
    RoundKind kind = RoundKind::kPrecopy;
    std::uint64_t sent_pages = 0;      ///< with data
    std::uint64_t zero_pages = 0;      ///< entries without data
    std::uint64_t skipped_pages = 0;   ///< left out because a peek showed them dirtied again
    std::uint64_t deferred_pages = 0;  ///< could not be mapped; they go with a later round
    std::uint64_t unsent_pages = 0;    ///< the round was left midway with these to go
    std::uint64_t dirtied_pages = 0;   ///< dirty at the round's end, with what was left unsent
    std::uint64_t sent_bytes = 0;      ///< on the wire, framing included
    double seconds = 0;
    double log_seconds = 0;  ///< spent in the dirty log's calls, peeks included
};

struct Progress {
    State state = State::kIdle;
    std::uint32_t round = 0;
    std::uint64_t round_pages = 0;       ///< to be sent in this round
    std::uint64_t round_done_pages = 0;  ///< sent, zero, skipped or deferred so far
    std::uint64_t dirty_pages = 0;       ///< last known
    std::uint64_t sent_bytes = 0;        ///< in all
    double seconds = 0;                  ///< since the start
};

/// What a migration came to. Times in seconds on the steady clock.
struct Outcome {
    State state = State::kAborted;  ///< kCommitted or kAborted
    Where where = Where::kSource;
    std::optional<StopReason> stop_reason;
    std::uint64_t present_pages = 0;  ///< in round 0
    std::uint64_t sent_pages = 0;
    std::uint64_t sent_bytes = 0;
    double total_seconds = 0;
    double suspended_at = 0;  ///< CLOCK_MONOTONIC; 0 if it never was
    double started_at = 0;    ///< CLOCK_MONOTONIC of the destination's confirmation; 0 if it never came
    /// From the request to suspend until the guest ran again, wherever; so far, where it is unknown. 0: never
    /// suspended.
    double downtime_seconds = 0;
    /// The same as the guest itself measured it: from its last work before to its first after. None: it cannot tell.
    std::optional<double> guest_gap_seconds;
    bool overran = false;  ///< aborted because the guest stood still for MigrationOptions::max_pause
    std::vector<RoundStats> rounds;
};

/// A failed migration: the error, where that left the guest, and what it had come to by then.
class MigrationFailed : public Error {
   public:
    MigrationFailed(const Error& cause, State state, Where where, Outcome outcome = {})
        : Error(cause), state(state), where(where), outcome(std::move(outcome)) {}
    State state;  ///< the state it failed in
    Where where;
    Outcome outcome;
};

}  // namespace vmbuddies
