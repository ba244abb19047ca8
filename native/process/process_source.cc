// SPDX-License-Identifier: MIT
#include "process/process_source.h"

#include <utility>

#include "core/error.h"
#include "core/stream_writer.h"
#include "process/control_block.h"
#include "process/data_ranges.h"
#include "process/process_tail.h"

namespace vmbuddies::process {

ProcessSource::ProcessSource(std::unique_ptr<ProcessDomain> domain, std::string tracker)
    : domain_(std::move(domain)), tracker_(std::move(tracker)), map_ahead_(*domain_) {}

ProcessSource::~ProcessSource() = default;

void ProcessSource::require_alive(const char* operation) const {
    if (!domain_->alive()) {
        throw Error(ErrorCode::kDomainGone, operation, "The guest of " + domain_->name() + " has ended.");
    }
}

DirtyLog& ProcessSource::log(const char* operation) {
    if (!log_) throw Error(ErrorCode::kState, operation, "The dirty log of " + domain_->name() + " is off.");
    return *log_;
}

Pfn ProcessSource::end_pfn() { return domain_->pages(); }

void ProcessSource::present_pages(Bitmap& out) {
    require_alive("present pages");
    for_each_data_range(domain_->memory_fd(), 0, domain_->pages(),
                        [&](Pfn first, std::uint64_t count) { out.set_range(first, first + count); });
}

void ProcessSource::enable_dirty_log() {
    if (log_) throw Error(ErrorCode::kState, "dirty log", "The dirty log of " + domain_->name() + " is on already.");
    log_ = DirtyLog::enable(*domain_, tracker_);
}

std::uint64_t ProcessSource::dirty_count() { return log("dirty log").count(); }

void ProcessSource::peek_dirty(Pfn first, Pfn last, Bitmap& out) { log("dirty log").peek(first, last, out); }

void ProcessSource::clean_dirty(Bitmap& out, Clean) { log("dirty log").clean(out); }

void ProcessSource::disable_dirty_log() noexcept { log_.reset(); }

void ProcessSource::map_pages(std::span<const Pfn> pages, std::span<const std::byte*> out) {
    require_alive("map pages");
    for (std::size_t i = 0; i < pages.size(); ++i) out[i] = domain_->memory() + (pages[i] << kPageShift);
}

void ProcessSource::suspend(std::chrono::milliseconds timeout) {
    domain_->suspend(timeout);
    // From now on the guest may come to run elsewhere: nobody but this migration may let it run here.
    domain_->control().held.store(1);
}

std::optional<double> ProcessSource::resume() {
    constexpr std::chrono::seconds kPatience{1};
    domain_->control().held.store(0);
    domain_->resume();
    return domain_->await_gap(kPatience);
}

void ProcessSource::write_head(StreamWriter& stream) {
    stream.headers(stream::DomainType::kProcess);
    stream.record(stream::RecordType::kStaticDataEnd, {});
}

void ProcessSource::write_tail(StreamWriter& stream) {
    require_alive("tail");
    const WireWriter tail = ProcessTail{.writes = domain_->control().writes.load()}.encode();
    stream.record(stream::RecordType::kProcessTail, tail.bytes());
}

}  // namespace vmbuddies::process
