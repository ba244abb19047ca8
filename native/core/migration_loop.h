// SPDX-License-Identifier: MIT
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>

#include "control.h"
#include "migration.h"
#include "paced_sink.h"
#include "page_sender.h"
#include "stream_writer.h"

namespace vmbuddies {

/// The loop of one migration, state by state.
class MigrationLoop {
   public:
    MigrationLoop(Domain& domain, Destination& destination, const MigrationOptions& options,
                  const Migration::Observer& observer, Control& control);

    /// See Migration::run().
    Outcome run();

   private:
    using Clock = std::chrono::steady_clock;

    void run_to_prepared();
    void precopy();
    void wait_at_synchropoint();
    void stop_and_copy();
    void await_commit();
    Outcome commit();
    Outcome give_up();
    [[noreturn]] void fail(const Error& cause);
    std::optional<Error> leave_guest_here();

    void run_round(RoundKind kind);
    void collect(RoundStats& round);
    void send(RoundStats& round);
    std::uint64_t batch_pages(const RoundStats& round, const Control::Orders& orders) const;
    std::uint64_t final_copy_pages();

    void enter(State state);
    void end(State state);
    void report(const RoundStats& round);
    void stop_logging() noexcept;

    Domain& domain_;
    Destination& destination_;
    const MigrationOptions& options_;
    const Migration::Observer& observer_;
    Control& control_;

    PacedSink sink_;
    StreamWriter stream_;
    std::optional<PageSender> sender_;

    const Clock::time_point begin_ = Clock::now();
    State state_ = State::kIdle;
    bool logging_ = false;
    bool suspended_ = false;
    std::uint64_t dirty_pages_ = 0;  ///< in the log, when last asked
    std::uint64_t round_pages_ = 0;  ///< pending when the round began
    Clock::time_point reported_at_;
    Outcome outcome_;
};

}  // namespace vmbuddies
