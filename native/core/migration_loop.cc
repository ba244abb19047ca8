// SPDX-License-Identifier: MIT
#include "migration_loop.h"

#include <algorithm>
#include <exception>
#include <string>

#include "stopwatch.h"

namespace vmbuddies {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kReportInterval{100};
// Asking for the dirty pages pauses a Xen guest for some 100 us: ask less often where nothing happens.
constexpr milliseconds kShortestSample{50};
constexpr milliseconds kLongestSample{200};
// While waiting, the final copy may grow to this many times what it was at the pseudo-synchropoint.
constexpr std::uint64_t kFinalCopyGrowth = 2;
constexpr std::uint64_t kFinalCopyPages = 64;

std::uint64_t done_pages(const RoundStats& round) {
    return round.sent_pages + round.zero_pages + round.skipped_pages + round.deferred_pages;
}

}  // namespace

MigrationLoop::MigrationLoop(Destination& destination, const MigrationOptions& options,
                             const Engine::Observer& observer, Control& control)
    : destination_(destination),
      options_(options),
      control_(control),
      sink_(destination, control, options.bytes_per_second),
      stream_([this](std::span<const iovec> parts) { sink_.write(parts); }),
      observer_(observer) {}

Outcome MigrationLoop::run() {
    bool decided = false;
    try {
        decided = run_to_decision();
    } catch (const Aborted&) {
        return give_up();
    } catch (const Error& error) {
        fail(error);
    } catch (const std::exception& exception) {
        fail(Error(ErrorCode::kSystem, "migrate", std::string("The migration failed: ") + exception.what() + "."));
    }
    if (!decided) leave_undecided();
    return commit();
}

// True: to commit. False: nobody is left to decide, but somebody may have.
bool MigrationLoop::run_to_decision() {
    control_.orders();  // aborted before it began?
    write_head();
    if (options_.hold_at_start) hold_at_start();
    begin_ = Clock::now();
    enter(State::kPrecopy);
    precopy();
    enter(State::kWaiting);
    if (options_.hold_at_synchropoint) wait_at_synchropoint();
    destination_.check_alive();  // no pause for nothing
    enter(State::kStopping);
    stop_and_copy();
    enter(State::kPrepared);
    if (!options_.hold_when_prepared) control_.commit();
    return await_decision();
}

void MigrationLoop::hold_at_start() {
    const auto told = [](const Control::Orders& orders) { return orders.begin; };
    while (!control_.wait_until(Clock::now() + std::min(kLongestSample, options_.heartbeat_interval), told).begin) {
        destination_.check_alive();
        heartbeat();
    }
}

void MigrationLoop::precopy() {
    begin();
    for (;;) {
        run_round(RoundKind::kPrecopy);
        if (control_.orders().stop_and_copy) return;
        outcome_.stop_reason = evaluate(options_.stop_rule, outcome_.rounds);
        if (outcome_.stop_reason) return;
    }
}

// Lazy wait-and-copy: the guest runs on and dirties pages, and none is sent as long as the final copy stays short.
void MigrationLoop::wait_at_synchropoint() {
    const std::uint64_t bound = std::max(kFinalCopyGrowth * final_copy_pages(), kFinalCopyPages);
    milliseconds interval = kShortestSample;
    std::uint64_t caught_up = 0;
    const auto is_order = [&](const auto& orders) { return orders.stop_and_copy || orders.catch_ups > caught_up; };
    for (;;) {
        const auto until = Clock::now() + std::min(interval, options_.heartbeat_interval);
        const Control::Orders orders = control_.wait_until(until, is_order);
        if (orders.stop_and_copy) return;
        destination_.check_alive();
        heartbeat();
        interval = std::min(2 * interval, kLongestSample);
        dirty_pages_ = dirty_count();
        if (final_copy_pages() > bound || orders.catch_ups > caught_up) {
            caught_up = orders.catch_ups;
            run_round(RoundKind::kWaitAndCopy);
            interval = kShortestSample;
        }
        report(outcome_.rounds.back());
    }
}

void MigrationLoop::stop_and_copy() {
    // Taken before the guest is asked to stop, so that the downtime is never understated.
    const Clock::time_point asked_at = Clock::now();
    if (options_.max_pause) pause_watch_.emplace(control_, asked_at + *options_.max_pause);
    suspend();
    suspended_ = true;
    outcome_.suspended_at = seconds_of(asked_at.time_since_epoch());
    run_round(RoundKind::kStopAndCopy);
    destination_.await_prepared(control_.token());
}

bool MigrationLoop::await_decision() {
    const auto told = [](const Control::Orders& orders) { return orders.commit || orders.abandoned; };
    for (;;) {
        const Control::Orders orders = control_.wait_until(Clock::now() + kLongestSample, told);
        if (told(orders)) return orders.commit;
        destination_.check_alive();
    }
}

Outcome MigrationLoop::commit() {
    std::optional<Error> failure;
    try {
        outcome_.guest_gap_seconds = destination_.commit();
    } catch (const Error& error) {
        failure = error;
    } catch (const std::exception& exception) {
        failure.emplace(ErrorCode::kSystem, "commit", std::string("The commit failed: ") + exception.what() + ".");
    }
    const Clock::time_point now = Clock::now();
    // A refusal is definite: the copy is gone, and the guest runs on here.
    if (failure && failure->code() == ErrorCode::kPeerRefused) fail(*failure);
    stop_logging();
    end_pause(now);
    // Otherwise the guest may be running there: resuming it here could make it two.
    if (failure) {
        outcome_.where = Where::kUnknown;
        sum_up();
        throw MigrationFailed(*failure, state_, Where::kUnknown, outcome_);
    }
    outcome_.where = Where::kDestination;
    outcome_.started_at = seconds_of(now.time_since_epoch());
    end(State::kCommitted);
    return outcome_;
}

// COMMIT may be on record, or may not: whoever reads the record decides, and until then nothing runs anywhere.
void MigrationLoop::leave_undecided() {
    const State state = state_;
    destination_.abort();
    stop_logging();
    end_pause(Clock::now());
    outcome_.where = Where::kUnknown;
    sum_up();
    throw MigrationFailed(Error(ErrorCode::kState, "await commit",
                                "The arbitrator ended while the decision was being recorded; the guest is suspended at "
                                "the source."),
                          state, Where::kUnknown, outcome_);
}

Outcome MigrationLoop::give_up() {
    const State state = state_;
    outcome_.overran = control_.overran();
    if (auto stuck = leave_guest_here()) throw MigrationFailed(*stuck, state, Where::kSource, outcome_);
    return outcome_;
}

void MigrationLoop::fail(const Error& cause) {
    const State state = state_;
    const std::optional<Error> stuck = leave_guest_here();
    const std::string message = stuck ? std::string(cause.what()) + " " + stuck->what() : cause.what();
    throw MigrationFailed(Error(cause.code(), cause.operation(), message, cause.errno_value()), state, Where::kSource,
                          outcome_);
}

// Returns why the guest could not be resumed, if so.
std::optional<Error> MigrationLoop::leave_guest_here() {
    std::optional<Error> stuck;
    // The guest first: its copy was not told to start, and never will be.
    try {
        if (suspended_) outcome_.guest_gap_seconds = resume();
    } catch (const Error& error) {
        stuck.emplace(error.code(), error.operation(),
                      std::string("The guest is still suspended at the source: ") + error.what(), error.errno_value());
    }
    end_pause(Clock::now());
    destination_.abort();
    stop_logging();
    end(State::kAborted);
    return stuck;
}

void MigrationLoop::run_round(RoundKind kind) {
    RoundStats round{.round = static_cast<std::uint32_t>(outcome_.rounds.size()), .kind = kind};
    const Clock::time_point begin = Clock::now();
    sink_.begin_round();
    move(round);
    if (kind == RoundKind::kStopAndCopy) {
        dirty_pages_ = 0;
    } else {
        const Stopwatch stopwatch(round.log_seconds);
        dirty_pages_ = dirty_count();
    }
    round.unsent_pages = unsent_pages();
    round.dirtied_pages = dirty_pages_ + round.unsent_pages;
    round.seconds = seconds_of(Clock::now() - begin);
    outcome_.rounds.push_back(round);
    if (observer_.round) observer_.round(round);
}

// A stream that has not begun cannot be kept alive by a record.
void MigrationLoop::heartbeat() {
    if (sink_.bytes() == 0 || Clock::now() - sink_.last_write() < options_.heartbeat_interval) return;
    stream_.record(stream::RecordType::kHeartbeat, {});
}

std::uint64_t MigrationLoop::final_copy_pages() { return dirty_pages_ + unsent_pages() + deferred_pages(); }

void MigrationLoop::enter(State state) {
    state_ = state;
    if (observer_.state) observer_.state(state, outcome_.stop_reason);
}

void MigrationLoop::end(State state) {
    outcome_.state = state;
    sum_up();
    enter(state);
}

void MigrationLoop::sum_up() {
    outcome_.sent_bytes = sink_.bytes();
    outcome_.total_seconds = seconds_of(Clock::now() - begin_);
}

void MigrationLoop::end_pause(Clock::time_point now) {
    if (suspended_) outcome_.downtime_seconds = seconds_of(now.time_since_epoch()) - outcome_.suspended_at;
}

void MigrationLoop::report(const RoundStats& round) {
    const Clock::time_point now = Clock::now();
    if (!observer_.progress || now - reported_at_ < kReportInterval) return;
    reported_at_ = now;
    // libxenguest sends pages in its last round that nobody had counted.
    const std::uint64_t done = done_pages(round);
    observer_.progress({.state = state_,
                        .round = round.round,
                        .round_pages = std::max(round_pages_, done),
                        .round_done_pages = done,
                        .dirty_pages = dirty_pages_,
                        .sent_bytes = sink_.bytes(),
                        .seconds = seconds_of(now - begin_)});
}

}  // namespace vmbuddies
