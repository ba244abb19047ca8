// SPDX-License-Identifier: MIT
#include "domain_rounds.h"

#include <algorithm>

#include "stopwatch.h"

namespace vmbuddies {
namespace {

// A batch is what the rate sends in 100 ms: so soon are orders heard and dirty pages looked for again.
constexpr std::uint64_t kBatchesPerSecond = 10;
constexpr std::uint64_t kMaxBatchPages = 256;

std::uint64_t paced_batch(std::uint64_t bytes_per_second) {
    return std::clamp<std::uint64_t>(bytes_per_second / kBatchesPerSecond / kPageSize, 1, kMaxBatchPages);
}

}  // namespace

DomainRounds::DomainRounds(Domain& domain, Destination& destination, const MigrationOptions& options,
                           const Engine::Observer& observer, Control& control)
    : MigrationLoop(destination, options, observer, control), domain_(domain) {}

void DomainRounds::write_head() {
    sender_.emplace(domain_, stream_, options_.zero_pages, domain_.end_pfn());
    domain_.write_head(stream_);
}

void DomainRounds::move(RoundStats& round) {
    const std::uint64_t bytes_before = stream_.bytes();
    collect(round);
    send(round);
    std::uint64_t bytes_to_verify = 0;
    if (round.kind == RoundKind::kStopAndCopy) {
        const std::uint64_t bytes_of_pages = stream_.bytes();
        if (options_.verify) send_to_verify();
        bytes_to_verify = stream_.bytes() - bytes_of_pages;
        domain_.write_tail(stream_);
        stream_.end();
    }
    round.sent_bytes = stream_.bytes() - bytes_before - bytes_to_verify;
}

// What this round shall send joins what earlier ones left over.
void DomainRounds::collect(RoundStats& round) {
    Bitmap& pending = sender_->pending();
    const Stopwatch stopwatch(round.log_seconds);
    if (round.round == 0) {
        // In this order: what is written after the look at the memory is in the log.
        domain_.enable_dirty_log();
        logging_ = true;
        domain_.present_pages(pending);
        outcome_.present_pages = pending.count();
    } else {
        domain_.clean_dirty(pending, suspended() ? Clean::kFinal : Clean::kLive);
    }
    sender_->begin_round();
    round_pages_ = pending.count();
}

void DomainRounds::send(RoundStats& round) {
    for (;;) {
        const Control::Orders orders = control_.orders();
        if (orders.stop_and_copy && !suspended()) return;  // leaves the round midway
        const std::uint64_t max_pages = batch_pages(round, orders);
        const std::uint64_t sent_before = round.sent_pages;
        if (max_pages == 0 || !sender_->send_batch(max_pages, round)) return;
        outcome_.sent_pages += round.sent_pages - sent_before;
        report(round);
    }
}

// With data throughout: an entry without data gives the receiver nothing to compare.
void DomainRounds::send_to_verify() {
    stream_.record(stream::RecordType::kVerify, {});
    PageSender sender(domain_, stream_, ZeroPages::kNever, domain_.end_pfn());
    domain_.present_pages(sender.pending());
    RoundStats uncounted{.kind = RoundKind::kStopAndCopy};
    while (sender.send_batch(paced_batch(control_.orders().bytes_per_second), uncounted)) {
    }
}

std::uint64_t DomainRounds::batch_pages(const RoundStats& round, const Control::Orders& orders) const {
    const std::uint64_t pages = paced_batch(orders.bytes_per_second);
    if (round.kind != RoundKind::kPrecopy) return pages;
    return std::min(pages, traffic_left(options_.stop_rule, outcome_.present_pages, outcome_.sent_pages));
}

void DomainRounds::stop_logging() noexcept {
    if (logging_) domain_.disable_dirty_log();
    logging_ = false;
}

}  // namespace vmbuddies
