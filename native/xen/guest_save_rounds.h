// SPDX-License-Identifier: MIT
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/migration_loop.h"
#include "xen/save_process.h"
#include "xen/saved_guest.h"
#include "xen/stream_tally.h"

namespace vmbuddies::xen {

/// The rounds of libxenguest: xc_domain_save() in a process of its own, asked and answered at their seams. It takes the
/// log and sends the pages; when to make a round, to stop or to give up is decided here as for our own rounds. Unlike
/// ours, its rounds cannot be left midway, skip nothing that is dirty again, and do not tell what they deferred.
class GuestSaveRounds : public MigrationLoop {
   public:
    /// `command`: vmbuddies-xen-save and its arguments.
    GuestSaveRounds(SavedGuest& guest, std::vector<std::string> command, Destination& destination,
                    const MigrationOptions& options, const Engine::Observer& observer, Control& control);

   private:
    void begin() override;
    void move(RoundStats& round) override;
    std::uint64_t dirty_count() override { return guest_.dirty_count(); }
    std::uint64_t unsent_pages() override { return 0; }
    std::uint64_t deferred_pages() override { return 0; }
    void suspend() override;
    std::optional<double> resume() override {
        guest_.resume();
        return {};
    }
    void stop_logging() noexcept override;

    /// Relays the stream until libxenguest asks this.
    void relay_until(save::Question wanted, RoundStats& round);
    void relay_to_end(RoundStats& round);
    /// Relays the stream until libxenguest asks something; no value at the stream's end.
    std::optional<save::Request> relay(RoundStats& round);
    void relay(std::span<const std::byte> bytes, RoundStats& round);
    SaveProcess::Event next_event();

    SavedGuest& guest_;
    const std::vector<std::string> command_;
    std::optional<SaveProcess> process_;
    StreamTally tally_;
};

}  // namespace vmbuddies::xen
