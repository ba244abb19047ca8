// SPDX-License-Identifier: MIT
#include "xen/xen_saved_guest.h"

#include <utility>

#include "core/error.h"
#include "core/page.h"

namespace vmbuddies::xen {

XenSavedGuest::XenSavedGuest(std::unique_ptr<XenDomain> domain, std::uint64_t target_bytes)
    : domain_(std::move(domain)), memory_(domain_->connections(), target_bytes) {}

XenSavedGuest::~XenSavedGuest() = default;

void XenSavedGuest::require_alive() { domain_->info(); }

std::uint64_t XenSavedGuest::present_pages() { return domain_->info().present_bytes / kPageSize; }

void XenSavedGuest::enable_dirty_log() {
    log_ = LogDirty::enable(*domain_);
    memory_.look_now();
}

std::uint64_t XenSavedGuest::dirty_count() {
    if (!log_) throw Error(ErrorCode::kState, "dirty log", "The dirty log of " + domain_->name() + " is off.");
    memory_.look();
    return log_->count();
}

void XenSavedGuest::disable_dirty_log() noexcept { log_.reset(); }

void XenSavedGuest::suspend(std::chrono::milliseconds timeout) {
    domain_->suspend(timeout);
    memory_.look_now();
}

void XenSavedGuest::resume() { domain_->resume(); }

}  // namespace vmbuddies::xen
