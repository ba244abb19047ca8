// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <functional>
#include <optional>

#include "stats.h"
#include "stop_rule.h"

namespace vmbuddies {

/// One migration: idle → precopy → waiting → stopping → prepared → committed, or aborted from any state before
/// commit. run() belongs to one thread; everything else may be called from any thread, any time, any number of times,
/// and never blocks.
class Engine {
   public:
    /// Called from run()'s thread; must not throw.
    struct Observer {
        std::function<void(const Progress&)> progress;  ///< lossy by nature: about ten a second
        std::function<void(const RoundStats&)> round;   ///< at the end of every round
        std::function<void(State, const std::optional<StopReason>&)> state;
    };

    virtual ~Engine() = default;

    /// Runs to the end and returns what it came to, `aborted` included. Throws MigrationFailed, which tells where the
    /// guest is: it runs here again, unless the commit failed in a way that leaves open whether it took effect. Error
    /// kState when called a second time. The dirty log is off when it returns or throws.
    virtual Outcome run() = 0;

    /// Error kArgument for 0.
    virtual void set_rate(std::uint64_t bytes_per_second) = 0;
    /// Ends the hold at the start (MigrationOptions::hold_at_start).
    virtual void begin() = 0;
    /// While waiting at the synchropoint: sends what is dirty now in one wait-and-copy round, however little it is.
    virtual void catch_up() = 0;
    /// Passes the first barrier. Given before the pseudo-synchropoint it ends pre-copy there and then, midway in a
    /// round.
    virtual void stop_and_copy() = 0;
    /// Once prepared: gives up the right to end by itself because its guest has stood still for too long. To be asked
    /// before COMMIT is decided, for a decision must bind. False: it has ended or is about to; then the guest runs
    /// here.
    virtual bool pledge() = 0;
    /// Passes the second barrier.
    virtual void commit() = 0;
    /// Before commit: the guest ends up running here. After commit it does nothing.
    virtual void abort() = 0;
    /// Nobody is left to give orders. As abort(), but once it has pledged, the decision may be on record, so the guest
    /// stays suspended: run() then fails with kState, its place unknown.
    virtual void abandon() = 0;
};

}  // namespace vmbuddies
