// SPDX-License-Identifier: MIT
// How long a working guest of 1 GiB stands still when it moves at full speed, against moving it without pre-copy: stop
// it, copy all of it, start it there.
#include "bench.h"
#include "core/migration.h"
#include "process/process_destination.h"
#include "site.h"

namespace vmbuddies::bench {
namespace {

using process::ProcessDestination;
using process::ProcessSource;

constexpr int kRuns = 10;
constexpr double kMilliseconds = 1e3;

/// Moves the guest and returns how long it stood still, in seconds.
double move_guest(const Site& from, const Site& to, bool precopy) {
    ProcessSource source(from.open());
    process::Receiver receiver(to.receiver(), [](const process::ReceiverEvent&) {});
    const auto destination =
        ProcessDestination::connect({.host = "127.0.0.1", .port = receiver.port()}, source.domain().info(), {});
    Migration migration(source, *destination, {.stop_rule = StopRule::converged()}, {});
    if (!precopy) migration.stop_and_copy();
    const Outcome outcome = migration.run();
    if (outcome.state != State::kCommitted) throw Error(ErrorCode::kState, "bench", "The guest was not moved.");
    source.domain().destroy();
    return outcome.downtime_seconds;
}

}  // namespace

void downtime() {
    const Site sites[2];
    sites[0].start(kGiB, steady(std::uint64_t{64} << 20, 20'000));
    int at = 0;
    const auto move_on = [&](bool precopy) {
        const double seconds = move_guest(sites[at], sites[1 - at], precopy);
        at = 1 - at;
        return seconds;
    };
    move_on(true);  // the host's memory behind the first destination is new, and slow
    const double cold = move_on(false);
    std::vector<double> live;
    for (int run = 0; run < kRuns; ++run) live.push_back(move_on(true));
    sites[at].open()->destroy();
    for (const auto& [name, share] : {std::pair{"p50", 0.5}, std::pair{"longest", 1.0}}) {
        Row row{.part = "downtime",
                .name = std::string("1 GiB, 20 000 writes/s over 64 MiB, ") + name,
                .unit = "ms",
                .ours = percentile(live, share) * kMilliseconds,
                .baseline = Reference{"no pre-copy", cold * kMilliseconds}};
        if (share == 0.5) row.goal = Goal{Goal::Of::kOurs, Goal::Bound::kAtMost, 5, 100};
        print(row);
    }
}

}  // namespace vmbuddies::bench
