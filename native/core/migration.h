// SPDX-License-Identifier: MIT
#pragma once
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>

#include "control.h"
#include "destination.h"
#include "domain.h"
#include "stats.h"
#include "stop_rule.h"

namespace vmbuddies {

struct MigrationOptions {
    StopRule stop_rule;
    /// The pacer's rate, at least 1; kUnlimited for none. Changed live by set_rate().
    std::uint64_t bytes_per_second = kUnlimited;
    /// Wait at the pseudo-synchropoint for stop_and_copy() (the first barrier). Otherwise go on at once.
    bool hold_at_synchropoint = false;
    /// Wait when prepared for commit() (the second barrier). Otherwise commit at once.
    bool hold_when_prepared = false;
    /// May a page of zeros travel as an entry without data (type XALLOC)?
    ZeroPages zero_pages = ZeroPages::kFirstRound;
    std::chrono::milliseconds suspend_timeout{5000};
    /// While it waits at the pseudo-synchropoint the stream is never silent for longer than about this.
    std::chrono::milliseconds heartbeat_interval{5000};
};

/// One migration: idle → precopy → waiting → stopping → prepared → committed, or aborted from any state before
/// commit. run() is the loop and belongs to one thread; everything else may be called from any thread, any time,
/// any number of times, and never blocks.
class Migration {
   public:
    /// Called from run()'s thread; must not throw.
    struct Observer {
        std::function<void(const Progress&)> progress;  ///< lossy by nature: about ten a second
        std::function<void(const RoundStats&)> round;   ///< at the end of every round
        std::function<void(State, const std::optional<StopReason>&)> state;
    };

    /// Error kArgument for a rate of 0. The domain and the destination must outlive this.
    Migration(Domain& domain, Destination& destination, MigrationOptions options, Observer observer);

    /// Runs to the end and returns what it came to, `aborted` included. Throws MigrationFailed, which tells where the
    /// guest is: it runs here again, unless the commit failed in a way that leaves open whether it took effect. Error
    /// kState when called a second time. The dirty log is off when it returns or throws.
    Outcome run();

    /// Error kArgument for 0.
    void set_rate(std::uint64_t bytes_per_second);
    /// Passes the first barrier. Given before the pseudo-synchropoint it ends pre-copy there and then, midway in a
    /// round.
    /// While waiting at the synchropoint: sends what is dirty now in one wait-and-copy round, however little it is.
    void catch_up();
    void stop_and_copy();
    /// Passes the second barrier.
    void commit();
    /// Before commit: the guest ends up running here. After commit it does nothing.
    void abort();

    Migration(const Migration&) = delete;
    Migration& operator=(const Migration&) = delete;

   private:
    Domain& domain_;
    Destination& destination_;
    const MigrationOptions options_;
    const Observer observer_;
    Control control_;
    std::atomic<bool> started_ = false;
};

}  // namespace vmbuddies
