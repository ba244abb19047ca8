// SPDX-License-Identifier: MIT
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>

#include "control.h"
#include "destination.h"
#include "engine.h"
#include "migration_options.h"
#include "paced_sink.h"
#include "pause_watch.h"
#include "stream_writer.h"

namespace vmbuddies {

/// The loop of one migration, state by state: when a round is made, when it is enough, both barriers, the commit, and
/// where the guest is left when something fails. How a round is made is the derived class's.
class MigrationLoop {
   public:
    virtual ~MigrationLoop() = default;

    /// See Engine::run(). To be called once.
    Outcome run();

    MigrationLoop(const MigrationLoop&) = delete;
    MigrationLoop& operator=(const MigrationLoop&) = delete;

   protected:
    using Clock = std::chrono::steady_clock;

    MigrationLoop(Destination& destination, const MigrationOptions& options, const Engine::Observer& observer,
                  Control& control);

    /// Writes what precedes the first page, where that leaves the guest alone: it may be long before the first round.
    virtual void write_head() {}
    /// Prepares for the first round.
    virtual void begin() {}
    /// Makes a round: sends its pages and counts them, and its bytes, into `round`; behind the last round's pages also
    /// all that ends the stream. The dirty log is on from here on.
    virtual void move(RoundStats& round) = 0;
    /// Pages that are dirty in the log now.
    virtual std::uint64_t dirty_count() = 0;
    /// Pages that the last round was to send and did not: left midway, or deferred.
    virtual std::uint64_t unsent_pages() = 0;
    virtual std::uint64_t deferred_pages() = 0;
    /// As Domain::suspend() and Domain::resume().
    virtual void suspend() = 0;
    virtual std::optional<double> resume() = 0;
    /// Ends whatever works on the guest's memory and switches the log off, if it was on.
    virtual void stop_logging() noexcept = 0;

    /// Progress, as often as observers want it.
    void report(const RoundStats& round);
    bool suspended() const noexcept { return suspended_; }

    Destination& destination_;
    const MigrationOptions& options_;
    Control& control_;
    PacedSink sink_;
    StreamWriter stream_;
    Outcome outcome_;
    std::uint64_t dirty_pages_ = 0;  ///< in the log, when last asked
    std::uint64_t round_pages_ = 0;  ///< pending when the round began

   private:
    bool run_to_decision();
    void hold_at_start();
    void precopy();
    void wait_at_synchropoint();
    void stop_and_copy();
    bool await_decision();
    Outcome commit();
    Outcome give_up();
    [[noreturn]] void leave_undecided();
    [[noreturn]] void fail(const Error& cause);
    void end_pause(Clock::time_point now);
    std::optional<Error> leave_guest_here();

    void run_round(RoundKind kind);
    void heartbeat();
    std::uint64_t final_copy_pages();

    void enter(State state);
    void end(State state);
    void sum_up();

    const Engine::Observer& observer_;
    Clock::time_point begin_ = Clock::now();  ///< when pre-copy began
    State state_ = State::kIdle;
    bool suspended_ = false;
    std::optional<PauseWatch> pause_watch_;  ///< from the request to suspend on, where the pause has a limit
    Clock::time_point reported_at_;
};

}  // namespace vmbuddies
