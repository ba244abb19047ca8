// SPDX-License-Identifier: MIT
#include "core/migration.h"

#include <doctest/doctest.h>

#include <future>
#include <mutex>

#include "../core/seed.h"
#include "caught.h"
#include "process/process_destination.h"
#include "process/process_source.h"
#include "process/replay.h"
#include "receiver_peer.h"

namespace vmbuddies::process {
namespace {

using namespace test;
using vmbuddies::test::below;
using Kind = ReceiverEvent::Kind;

/// One migration under way in a thread of its own.
class Running {
   public:
    Running(const Host& from, std::uint16_t port, MigrationOptions options,
            std::chrono::milliseconds stall_timeout = 20s)
        : source_(from.open("web")),
          destination_(ProcessDestination::connect({.host = "127.0.0.1", .port = port, .stall_timeout = stall_timeout},
                                                   source_.domain().info(), {})),
          migration(source_, *destination_, std::move(options),
                    {.state = [this](State state, const std::optional<StopReason>&) { state_ = state; }}),
          outcome(std::async(std::launch::async, [this] { return migration.run(); })) {}
    ~Running() { migration.abort(); }

    bool reaches(State state) {
        return eventually([&] { return state_ == state; });
    }

   private:
    ProcessSource source_;
    std::unique_ptr<ProcessDestination> destination_;
    std::atomic<State> state_ = State::kIdle;

   public:
    Migration migration;
    std::future<Outcome> outcome;
};

MigrationOptions rounds(std::uint64_t count) { return {.stop_rule = {.name = "test", .max_rounds = count}}; }

Workload random_workload(std::mt19937_64& random, std::uint64_t memory_bytes) {
    const std::uint64_t bookkeeping = bookkeeping_pages(memory_bytes);
    Workload load;
    load.kind = static_cast<WorkloadKind>(below(random, 4));
    load.seed = random();
    load.used_pages = bookkeeping + 2 + below(random, (memory_bytes >> kPageShift) - bookkeeping - 1);
    load.wws_pages = 2 + below(random, load.used_pages - bookkeeping - 1);
    load.hot_pages = 1 + below(random, load.wws_pages - 1);
    load.hot_writes_per_second = static_cast<double>(below(random, 60'000));
    load.cold_writes_per_second = static_cast<double>(below(random, 20'000));
    load.low_level = static_cast<double>(below(random, 100)) / 100;
    load.period_seconds = 0.01 + static_cast<double>(below(random, 100)) / 100;
    load.phase = static_cast<double>(below(random, 100)) / 100;
    return load;
}

std::uint64_t replayed(const DomainInfo& info) {
    return replay_digest(info.memory_bytes, info.workload, info.writes, info.present_bytes);
}

TEST_CASE("whatever a guest does, it arrives as it was and goes on as if it had never moved") {
    const std::uint64_t seed = vmbuddies::test::seed();
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    for (int i = 0; i < 12; ++i) {
        CAPTURE(i);
        const std::uint64_t memory_bytes = (256 + below(random, 8192)) << kPageShift;
        const Workload load = random_workload(random, memory_bytes);
        CAPTURE(memory_bytes);
        CAPTURE(load.used_pages);
        const Host from;
        ReceivingHost to;
        const auto source = ProcessDomain::start(from.registry(), Host::options("web", load, memory_bytes));
        if (below(random, 3) == 0) {
            const std::uint64_t free_pages = (memory_bytes >> kPageShift) - load.used_pages;
            source->balloon((load.used_pages + below(random, free_pages + 1)) << kPageShift, kPatience);
        }

        MigrationOptions options = rounds(1 + below(random, 6));
        options.hold_when_prepared = true;
        options.hold_at_synchropoint = below(random, 2) == 0;
        options.zero_pages = static_cast<ZeroPages>(below(random, 3));
        if (below(random, 3) == 0) options.bytes_per_second = 20'000'000 + below(random, 200'000'000);
        Running running(from, to.receiver->port(), options);
        if (options.hold_at_synchropoint) {
            REQUIRE(running.reaches(State::kWaiting));
            std::this_thread::sleep_for(std::chrono::milliseconds(below(random, 150)));
            running.migration.stop_and_copy();
        }
        REQUIRE(running.reaches(State::kPrepared));

        const auto incoming = to.host.open("web--incoming");
        CHECK(source->info().paused);
        CHECK(incoming->info().paused);
        CHECK(incoming->digest() == source->digest());
        CHECK(incoming->info().present_bytes == source->info().present_bytes);
        CHECK(to.events.kinds() == std::vector{Kind::kAccepted, Kind::kPrepared});

        running.migration.commit();
        const Outcome outcome = running.outcome.get();
        CHECK(outcome.state == State::kCommitted);
        CHECK(outcome.where == Where::kDestination);
        CHECK(to.events.await(Kind::kStarted).bytes == outcome.sent_bytes);
        const std::uint64_t writes_at_stop = source->info().writes;
        source->destroy();

        const auto arrived = to.host.open("web");
        if (load.kind == WorkloadKind::kSteady && peak_writes_per_second(load) >= 1000)
            REQUIRE(let_write(*arrived, 100));
        CHECK(arrived->info().writes >= writes_at_stop);
        CHECK(arrived->verify(kPatience).intact);
        arrived->suspend(kPatience);
        CHECK(arrived->info().corrupt_pages == 0);
        CHECK(arrived->digest() == replayed(arrived->info()));
    }
}

TEST_CASE("a guest that has moved can move on, and back") {
    const Host first;
    first.start("web", steady());
    ReceivingHost second;
    ReceivingHost third;
    ReceivingHost* const route[] = {&second, &third, &second};
    const Host* from = &first;
    for (ReceivingHost* to : route) {
        Running running(*from, to->receiver->port(), rounds(3));
        CHECK(running.outcome.get().state == State::kCommitted);
        from->open("web")->destroy();
        from = &to->host;
        REQUIRE(let_write(*from->open("web"), 100));
    }
    const auto domain = from->open("web");
    CHECK(domain->verify(kPatience).intact);
    domain->suspend(kPatience);
    CHECK(domain->digest() == replayed(domain->info()));
}

TEST_CASE("an abort in any state before commit leaves the guest at its source and nothing at the destination") {
    const Host from;
    const auto source = from.start("web", steady());
    ReceivingHost to;
    for (const State state : {State::kPrecopy, State::kWaiting, State::kPrepared}) {
        CAPTURE(state_name(state));
        MigrationOptions options = rounds(2);
        options.hold_at_synchropoint = state == State::kWaiting;
        options.hold_when_prepared = state == State::kPrepared;
        if (state == State::kPrecopy) options.bytes_per_second = 1'000'000;
        {
            Running running(from, to.receiver->port(), options);
            REQUIRE(running.reaches(state));
            running.migration.abort();
            const Outcome outcome = running.outcome.get();
            CHECK(outcome.state == State::kAborted);
            CHECK(outcome.where == Where::kSource);
        }
        CHECK(to.is_empty());  // at once: the next attempt follows on its heels
        CHECK(to.events.await(Kind::kDropped).domain == "web");
        CHECK_FALSE(source->info().paused);
        CHECK(let_write(*source, 50));
        CHECK(source->verify(kPatience).intact);
        to.events.clear();
    }
    Running running(from, to.receiver->port(), rounds(2));
    CHECK(running.outcome.get().state == State::kCommitted);
}

TEST_CASE("an abort while the destination does not get prepared resumes the guest") {
    Listener listener("127.0.0.1", 0);
    std::jthread mute([&] {
        Socket socket = listener.accept(TimePoint::max(), {}).value();
        Link link(std::move(socket), Side::kReceiver, 5s);
        hear_offer(link);
        link.send(FrameType::kAccepted, {}, {});
        std::vector<std::byte> sink(1 << 20);
        CHECK(caught([&] {
                  for (;;) {
                      iovec part{sink.data(), sink.size()};
                      link.read({&part, 1}, {});
                  }
              }).code() == ErrorCode::kPeer);
    });
    const Host from;
    const auto source = from.start("web", steady());
    Running running(from, listener.port(), rounds(2));
    REQUIRE(running.reaches(State::kStopping));
    REQUIRE(eventually([&] { return source->info().paused; }));
    std::this_thread::sleep_for(50ms);
    running.migration.abort();
    CHECK(running.outcome.get().state == State::kAborted);
    CHECK(let_write(*source, 50));
    CHECK(source->verify(kPatience).intact);
}

TEST_CASE("a destination that fails midway says why, and the guest runs on at its source") {
    const Host from;
    const auto source = from.start("web", steady());
    for (const State state : {State::kPrecopy, State::kWaiting, State::kPrepared}) {
        CAPTURE(state_name(state));
        ReceivingHost to;
        MigrationOptions options = rounds(2);
        options.hold_at_synchropoint = state == State::kWaiting;
        options.hold_when_prepared = state == State::kPrepared;
        if (state == State::kPrecopy) options.bytes_per_second = 1'000'000;
        Running running(from, to.receiver->port(), options);
        REQUIRE(running.reaches(state));
        std::jthread closing([&] { to.receiver->close(); });
        try {
            running.outcome.get();
            FAIL("it did not fail");
        } catch (const MigrationFailed& failure) {
            CHECK(failure.code() == ErrorCode::kPeerRefused);
            CHECK(says(failure, "The receiver is closing."));
            CHECK(failure.where == Where::kSource);
        }
        CHECK(let_write(*source, 50));
    }
    CHECK(source->verify(kPatience).intact);
}

TEST_CASE("a commit that the destination refuses lets the guest run on at its source") {
    ReceivingHost both;
    const auto source = both.host.start("web", steady());
    Running running(both.host, both.receiver->port(), rounds(2));  // within one host, and its own name still taken
    try {
        running.outcome.get();
        FAIL("it did not fail");
    } catch (const MigrationFailed& failure) {
        CHECK(failure.code() == ErrorCode::kPeerRefused);
        CHECK(says(failure, "a domain named web already"));
        CHECK(failure.where == Where::kSource);
    }
    CHECK(let_write(*source, 50));
    CHECK(source->verify(kPatience).intact);
}

TEST_CASE("several guests arrive through one receiver at the same time") {
    ReceivingHost to(256 << 20);
    constexpr int kGuests = 4;
    Host from[kGuests];
    std::vector<std::unique_ptr<ProcessDomain>> sources;
    std::vector<std::unique_ptr<ProcessSource>> views;
    std::vector<std::unique_ptr<ProcessDestination>> destinations;
    std::vector<std::unique_ptr<Migration>> migrations;
    std::vector<std::future<Outcome>> outcomes;
    for (int i = 0; i < kGuests; ++i) {
        const std::string name = "web-" + std::to_string(i);
        sources.push_back(ProcessDomain::start(from[i].registry(), Host::options(name, steady(), 8 << 20)));
        views.push_back(std::make_unique<ProcessSource>(from[i].open(name)));
        destinations.push_back(ProcessDestination::connect({.host = "127.0.0.1", .port = to.receiver->port()},
                                                           sources.back()->info(), {}));
        migrations.push_back(
            std::make_unique<Migration>(*views.back(), *destinations.back(), rounds(3), Migration::Observer{}));
    }
    for (auto& migration : migrations) {
        outcomes.push_back(std::async(std::launch::async, [&migration] { return migration->run(); }));
    }
    for (int i = 0; i < kGuests; ++i) {
        CHECK(outcomes[static_cast<std::size_t>(i)].get().state == State::kCommitted);
        CHECK(to.host.open("web-" + std::to_string(i))->verify(kPatience).intact);
    }
}

}  // namespace
}  // namespace vmbuddies::process
