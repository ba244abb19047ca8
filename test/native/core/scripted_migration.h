// SPDX-License-Identifier: MIT
#pragma once
#include <doctest/doctest.h>

#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/migration.h"
#include "scripted_destination.h"
#include "scripted_domain.h"

namespace vmbuddies::test {

/// A guest, a destination and the migration between them, all obeying one script and noting what they saw.
struct ScriptedMigration {
    explicit ScriptedMigration(Pfn end_pfn, MigrationOptions options = {.stop_rule = StopRule::xen_modern()})
        : domain(end_pfn, script),
          destination(script, domain.mutex),
          alloc_clears(options.zero_pages == ZeroPages::kAlways) {
        for (Pfn page = 0; page < end_pfn; ++page) domain.write(page, static_cast<unsigned char>(1 + page % 255));
        Migration::Observer observer{
            .progress = [this](const Progress& progress) { progresses.push_back(progress); },
            .round = [this](const RoundStats& round) { rounds.push_back(round); },
            .state =
                [this](State state, const std::optional<StopReason>& reason) {
                    states += std::string(states.empty() ? "" : " ") + state_name(state);
                    stop_reason = reason;
                    if (script) script(std::string("state ") + state_name(state));
                },
        };
        migration = std::make_unique<Migration>(domain, destination, std::move(options), std::move(observer));
    }

    /// Restores what was received; the memory must be what the guest has at the source.
    void check_memory() {
        RestoredMemory restored(domain.present.size(), alloc_clears);
        BytesSource source(destination.received);
        StreamReader reader(source, restored, stream::DomainType::kProcess, domain.present.size());
        reader.run();
        CHECK(source.left() == 0);
        CHECK(reader.bytes() == destination.received.size());
        CHECK(restored.records == decltype(restored.records){{stream::RecordType::kProcessTail, "tail"}});
        Pfn different = 0;
        domain.present.for_each_run([&](Pfn first, std::uint64_t count) {
            for (Pfn page = first; page < first + count; ++page) {
                const bool same =
                    restored.restored.test(page) && std::memcmp(restored.page(page), domain.page(page), kPageSize) == 0;
                different += same ? 0 : 1;
            }
        });
        CHECK(different == 0);
    }

    Script script;
    ScriptedDomain domain;
    ScriptedDestination destination;
    bool alloc_clears;
    std::string states;
    std::optional<StopReason> stop_reason;
    std::vector<RoundStats> rounds;
    std::vector<Progress> progresses;
    std::unique_ptr<Migration> migration;
};

}  // namespace vmbuddies::test
