// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <atomic>
#include <thread>

#include "core/migration.h"
#include "scripted_migration.h"
#include "seed.h"

using namespace vmbuddies;
using namespace std::chrono_literals;
using test::below;
using test::ScriptedMigration;

TEST_CASE("whatever the guest writes and whenever, the destination ends with the source's memory") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    for (int trial = 0; trial < 60; ++trial) {
        CAPTURE(trial);
        const Pfn pages = 1 + below(random, 1500);
        const StopRule rules[] = {StopRule::xen_modern(), StopRule::xen_legacy(), StopRule::converged(),
                                  StopRule::downtime(1e-6)};
        ScriptedMigration m(pages, {.stop_rule = rules[below(random, 4)],
                                    .hold_at_synchropoint = below(random, 2) == 0,
                                    .zero_pages = static_cast<ZeroPages>(below(random, 3)),
                                    .heartbeat_interval = 1ms});
        m.domain.present.clear_range(pages / 3, pages / 3 + below(random, pages));
        const Pfn hot = 1 + below(random, pages);
        int waits = 0;
        m.script = [&](const std::string& call) {
            if (m.domain.suspended) return;
            if (call == "check_alive" && ++waits == 5) m.migration->stop_and_copy();
            // A page may be unmappable for a while, and be given back or come into being.
            if (below(random, 4) == 0) m.domain.unmappable.insert(below(random, pages));
            if (below(random, 4) == 0) m.domain.unmappable.clear();
            if (call == "suspend") m.domain.unmappable.clear();
            for (std::uint64_t writes = below(random, 30); writes > 0; --writes) {
                m.domain.write(below(random, hot), static_cast<unsigned char>(below(random, 4)));
            }
        };
        REQUIRE(m.migration->run().state == State::kCommitted);
        m.check_memory();
    }
}

TEST_CASE("a guest that writes from its own thread is migrated whole") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    // Without zero pages the engine itself never looks into the memory, so that the guest may be a thread here.
    ScriptedMigration m(2000, {.stop_rule = StopRule::xen_legacy(),
                               .bytes_per_second = 200'000'000,
                               .hold_at_synchropoint = true,
                               .zero_pages = ZeroPages::kNever});
    std::jthread guest([&](const std::stop_token& stop) {
        std::mt19937_64 random(seed);
        while (!stop.stop_requested()) {
            try {
                m.domain.write(below(random, 800), static_cast<unsigned char>(random()));
            } catch (const std::logic_error&) {
                return;  // suspended
            }
            std::this_thread::yield();
        }
    });
    std::jthread arbitrator([&] {
        std::mt19937_64 random(seed + 1);
        for (int i = 0; i < 20; ++i) {
            m.migration->set_rate(100'000'000 + below(random, 300'000'000));
            std::this_thread::sleep_for(5ms);
        }
        m.migration->set_rate(kUnlimited);
        m.migration->stop_and_copy();
    });
    REQUIRE(m.migration->run().state == State::kCommitted);
    m.check_memory();
}
