// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <optional>

#include "domain.h"
#include "migration_loop.h"
#include "page_sender.h"

namespace vmbuddies {

/// The rounds of our own engine: a Domain's dirty log and memory, sent in batches as small as the rate asks for.
class DomainRounds : public MigrationLoop {
   public:
    DomainRounds(Domain& domain, Destination& destination, const MigrationOptions& options,
                 const Engine::Observer& observer, Control& control);

   private:
    void write_head() override;
    void move(RoundStats& round) override;
    std::uint64_t dirty_count() override { return domain_.dirty_count(); }
    std::uint64_t unsent_pages() override { return sender_->pending().count(); }
    std::uint64_t deferred_pages() override { return sender_->deferred().count(); }
    void suspend() override { domain_.suspend(options_.suspend_timeout); }
    std::optional<double> resume() override { return domain_.resume(); }
    void stop_logging() noexcept override;

    void collect(RoundStats& round);
    void send(RoundStats& round);
    void send_to_verify();
    std::uint64_t batch_pages(const RoundStats& round, const Control::Orders& orders) const;

    Domain& domain_;
    std::optional<PageSender> sender_;
    bool logging_ = false;
};

}  // namespace vmbuddies
