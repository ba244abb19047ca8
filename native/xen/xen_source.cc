// SPDX-License-Identifier: MIT
#include "xen/xen_source.h"

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

#include "core/error.h"
#include "core/stream_writer.h"
#include "xen/connections.h"
#include "xen/foreign_mapping.h"
#include "xen/hvm_records.h"
#include "xen/page_types.h"
#include "xen/preflight.h"
#include "xen/present_scan.h"

namespace vmbuddies::xen {
namespace {

constexpr std::size_t kPagesAtOnce = 4096;

}  // namespace

XenSource::XenSource(std::unique_ptr<XenDomain> domain, std::uint64_t target_bytes)
    : domain_(std::move(domain)),
      mapping_(std::make_unique<ForeignMapping>(domain_->connections())),
      memory_(domain_->connections(), target_bytes) {
    const std::string why = unsupported_kind(domain_->connections());
    if (!why.empty()) throw Error(ErrorCode::kUnavailable, "migrate", why);
}

XenSource::~XenSource() = default;

LogDirty& XenSource::log() {
    if (!log_) throw Error(ErrorCode::kState, "dirty log", "The dirty log of " + domain_->name() + " is off.");
    return *log_;
}

Pfn XenSource::end_pfn() {
    if (end_pfn_ == 0) end_pfn_ = domain_->connections().end_pfn();
    return end_pfn_;
}

void XenSource::present_pages(Bitmap& out) {
    XenDomain::Connections& guest = domain_->connections();
    const auto total_pages = [&guest] { return guest.require_alive("present pages").tot_pages; };
    PageTypes types(guest);
    PresentScan scan([&types](auto pages, const auto& found) { types.for_each_with_data(pages, found); }, out);
    out.clear_all();
    const std::uint64_t total_before = total_pages();
    scan.run(total_before);
    if (total_pages() > total_before) scan.run_to_the_end();
}

void XenSource::enable_dirty_log() {
    if (log_) throw Error(ErrorCode::kState, "dirty log", "The dirty log of " + domain_->name() + " is on already.");
    log_ = LogDirty::enable(*domain_);
    dirty_ = Bitmap(end_pfn());
    memory_.look_now();
}

std::uint64_t XenSource::dirty_count() {
    memory_.look();
    return log().count();
}

void XenSource::peek_dirty(Pfn first, Pfn last, Bitmap& out) { log().peek(first, last, out); }

// The guest also dirties pages that are not its own and must not be sent: it writes to its grant tables all the time.
void XenSource::clean_dirty(Bitmap& out, Clean clean) {
    dirty_.clear_all();
    log().clean(dirty_, clean);
    memory_.look_now();
    PageTypes types(domain_->connections());
    std::vector<Pfn> pages;
    for (Pfn page = dirty_.find_set(0); page < dirty_.size();) {
        pages.clear();
        for (; page < dirty_.size() && pages.size() < kPagesAtOnce; page = dirty_.find_set(page + 1)) {
            pages.push_back(page);
        }
        types.for_each_with_data(pages, [&](std::size_t i) { out.set(pages[i]); });
    }
    if (clean == Clean::kFinal) require_no_growth();
}

void XenSource::disable_dirty_log() noexcept { log_.reset(); }

void XenSource::map_pages(std::span<const Pfn> pages, std::span<const std::byte*> out) {
    memory_.look();
    mapping_->map(pages, out);
}

void XenSource::suspend(std::chrono::milliseconds timeout) { domain_->suspend(timeout); }

std::optional<double> XenSource::resume() {
    domain_->resume();
    return {};  // a Xen guest keeps no record of its pauses
}

void XenSource::write_head(StreamWriter& stream) {
    const Libraries& xen = domain_->connections().libraries();
    stream.headers(stream::DomainType::kX86Hvm, xen.major(), xen.minor());
    write_cpu_policy(domain_->connections(), stream);
    stream.record(stream::RecordType::kStaticDataEnd, {});
}

void XenSource::write_tail(StreamWriter& stream) {
    write_hvm_state(domain_->connections(), stream);
    domain_->connections().require_alive("tail");
}

// A guest may come to use higher page numbers for what is not memory, say others' memory that it maps.
void XenSource::require_no_growth() {
    std::vector<Pfn> added(std::max(domain_->connections().end_pfn(), end_pfn()) - end_pfn());
    std::iota(added.begin(), added.end(), end_pfn());
    PageTypes(domain_->connections()).for_each_with_data(added, [this](std::size_t) {
        throw Error(ErrorCode::kDirtyLog, "dirty log",
                    domain_->name() + " was given memory while it was moved, beyond what the dirty log covers.");
    });
}

}  // namespace vmbuddies::xen
