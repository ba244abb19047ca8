// SPDX-License-Identifier: MIT
#pragma once
#include <atomic>
#include <chrono>
#include <cstdint>

#include "control.h"
#include "destination.h"
#include "domain.h"
#include "engine.h"
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

/// The engine of our own: the round loop over a Domain and a Destination.
class Migration : public Engine {
   public:
    using Observer = Engine::Observer;

    /// Error kArgument for a rate of 0. The domain and the destination must outlive this.
    Migration(Domain& domain, Destination& destination, MigrationOptions options, Observer observer);

    Outcome run() override;
    void set_rate(std::uint64_t bytes_per_second) override;
    void catch_up() override;
    void stop_and_copy() override;
    void commit() override;
    void abort() override;

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
