// SPDX-License-Identifier: MIT
#include "xen/guest_save_rounds.h"

#include <utility>

#include "core/error.h"
#include "core/page.h"

namespace vmbuddies::xen {
namespace {

using save::Question;

/// How long the stream may be silent before it is asked whether the other side is still there.
constexpr std::chrono::milliseconds kLivenessInterval{200};

[[noreturn]] void refuse(const std::string& why) {
    throw Error(ErrorCode::kSystem, "save", "libxenguest does not save the guest as expected: " + why + ".");
}

}  // namespace

GuestSaveRounds::GuestSaveRounds(SavedGuest& guest, std::vector<std::string> command, Destination& destination,
                                 const MigrationOptions& options, const Engine::Observer& observer, Control& control)
    : MigrationLoop(destination, options, observer, control), guest_(guest), command_(std::move(command)) {}

void GuestSaveRounds::begin() {
    // Switched on here for what libxenguest's own switching-on lacks: the lock that keeps others away, an error that
    // tells the cause, and somebody who switches off if the process is killed. libxenguest finds it on, and switches it
    // off and on again (enable_logdirty() in xg_sr_save.c).
    guest_.enable_dirty_log();
    process_.emplace(command_);
    RoundStats head;
    relay_until(Question::kBeforeRound, head);
}

// A question is pending whenever this begins: kBeforeRound in round 0, kSuspend in the last, otherwise kAfterRound.
void GuestSaveRounds::move(RoundStats& round) {
    if (round.kind == RoundKind::kStopAndCopy) {
        round_pages_ = dirty_pages_;
        process_->answer(save::kSuspended);
        relay_to_end(round);
        round.sent_bytes -= tally_.bytes_to_verify();
        return;
    }
    if (round.round == 0) {
        round_pages_ = guest_.present_pages();  // libxenguest counts every page number there can be
    } else {
        process_->answer(save::kContinue);
        relay_until(Question::kBeforeRound, round);
    }
    process_->answer(save::kContinue);
    relay_until(Question::kAfterRound, round);
    if (round.round == 0) outcome_.present_pages = round.sent_pages + round.zero_pages;
}

// After a round, where stopping costs no further one. Asked before a round, libxenguest would make that first.
void GuestSaveRounds::suspend() {
    process_->answer(save::kStopAndCopy);
    RoundStats nothing;
    relay_until(Question::kSuspend, nothing);
    guest_.suspend(options_.suspend_timeout);
}

void GuestSaveRounds::stop_logging() noexcept {
    process_.reset();  // first: it works with the log
    guest_.disable_dirty_log();
}

void GuestSaveRounds::relay_until(Question wanted, RoundStats& round) {
    const std::optional<save::Request> request = relay(round);
    if (!request) refuse("it ended in the midst of it");
    if (request->question != wanted) refuse("it asks what was not its turn to ask");
    // Or the heartbeat of a long wait would end up inside a record.
    if (!tally_.between_records()) refuse("it asks in the midst of a record");
    if (wanted == Question::kBeforeRound && round.round > 0) round_pages_ = request->pages;
}

void GuestSaveRounds::relay_to_end(RoundStats& round) {
    if (relay(round)) refuse("it asks what was not its turn to ask");
    if (!tally_.ended()) refuse("its stream has no end");
}

std::optional<save::Request> GuestSaveRounds::relay(RoundStats& round) {
    for (;;) {
        const SaveProcess::Event event = next_event();
        if (event.bytes.empty()) return event.request;
        relay(event.bytes, round);
    }
}

void GuestSaveRounds::relay(std::span<const std::byte> bytes, RoundStats& round) {
    const std::uint64_t with_data = tally_.pages_with_data();
    const std::uint64_t alloc_only = tally_.pages_alloc_only();
    tally_.add(bytes);
    round.sent_pages += tally_.pages_with_data() - with_data;
    round.zero_pages += tally_.pages_alloc_only() - alloc_only;
    outcome_.sent_pages += tally_.pages_with_data() - with_data;
    const iovec part{const_cast<std::byte*>(bytes.data()), bytes.size()};
    sink_.write({&part, 1});
    round.sent_bytes += bytes.size();
    report(round);
}

SaveProcess::Event GuestSaveRounds::next_event() {
    try {
        for (;;) {
            if (auto event = process_->next(Clock::now() + kLivenessInterval, control_.token())) return *event;
            destination_.check_alive();
        }
    } catch (const Error& error) {
        // To libxenguest a guest that ended is one failed call or another.
        guest_.require_alive();
        throw;
    }
}

}  // namespace vmbuddies::xen
