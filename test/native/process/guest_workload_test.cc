// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <functional>
#include <limits>

#include "host.h"

namespace vmbuddies::process::test {
namespace {

constexpr std::uint64_t kBytes = std::uint64_t{2} << 20;

Workload periodic(WorkloadKind kind) {
    Workload workload = steady();
    workload.kind = kind;
    workload.period_seconds = 10;
    workload.low_level = 0.2;
    return workload;
}

/// Is the workload refused once `change` has been made to it?
bool refused(const std::function<void(Workload&)>& change) {
    Workload workload = periodic(WorkloadKind::kWaves);
    check_workload(kBytes, workload);
    change(workload);
    return error_of([&] { check_workload(kBytes, workload); }) == ErrorCode::kArgument;
}

/// Page writes a second of a new guest, by its own count over 0.4 s of the test's clock.
double writes_per_second(const Workload& workload) {
    const Host host;
    const auto domain = host.start("web", workload);
    const auto begin = std::chrono::steady_clock::now();
    const std::uint64_t before = domain->info().writes;
    std::this_thread::sleep_for(400ms);
    const auto writes = static_cast<double>(domain->info().writes - before);
    return writes / std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace

TEST_CASE("the level of each workload over its period") {
    CHECK(workload_level(idle(), 3) == 0);
    CHECK(workload_level(steady(), 3) == 1);
    const Workload on_off = periodic(WorkloadKind::kOnOff);
    CHECK(workload_level(on_off, 0) == 1);
    CHECK(workload_level(on_off, 4.9) == 1);
    CHECK(workload_level(on_off, 5.1) == 0.2);
    CHECK(workload_level(on_off, 10.1) == 1);
    Workload waves = periodic(WorkloadKind::kWaves);
    CHECK(workload_level(waves, 0) == doctest::Approx(0.2));
    CHECK(workload_level(waves, 2.5) == doctest::Approx(0.6));
    CHECK(workload_level(waves, 5) == doctest::Approx(1));
    CHECK(workload_level(waves, 7.5) == doctest::Approx(0.6));
    CHECK(workload_level(waves, 20) == doctest::Approx(0.2));
    waves.phase = 0.5;
    CHECK(workload_level(waves, 0) == doctest::Approx(1));
}

TEST_CASE("a workload that cannot be is refused") {
    CHECK(refused([](Workload& w) { w.kind = static_cast<WorkloadKind>(4); }));
    CHECK(refused([](Workload& w) { w.used_pages = 513; }));
    CHECK(refused([](Workload& w) { w.used_pages = 1; }));
    CHECK(refused([](Workload& w) { w.wws_pages = 299; }));
    CHECK(refused([](Workload& w) { w.hot_pages = 65; }));
    CHECK(refused([](Workload& w) { w.hot_pages = 0; }));
    CHECK(refused([](Workload& w) { w.hot_pages = 64; }));
    CHECK(refused([](Workload& w) { w.hot_writes_per_second = -1; }));
    CHECK(refused([](Workload& w) { w.cold_writes_per_second = std::numeric_limits<double>::quiet_NaN(); }));
    CHECK(refused([](Workload& w) { w.low_level = 1.1; }));
    CHECK(refused([](Workload& w) { w.phase = -0.1; }));
    CHECK(refused([](Workload& w) { w.period_seconds = 0; }));
    CHECK(refused([](Workload& w) { w.period_seconds = std::numeric_limits<double>::infinity(); }));
    CHECK(error_of([] { check_workload(kBytes + 1, idle()); }) == ErrorCode::kArgument);
    CHECK(error_of([] { check_workload(4096, idle()); }) == ErrorCode::kArgument);
}

// Bounds as wide as a machine with other work on it needs; a guest that does not keep its pace misses them by far.
TEST_CASE("a steady guest writes at its rate") {
    const double rate = writes_per_second(steady());
    CHECK(rate > 2000);
    CHECK(rate < 4800);
}

TEST_CASE("an on-off guest writes in the first half of its period only") {
    Workload workload = periodic(WorkloadKind::kOnOff);
    workload.low_level = 0;
    workload.period_seconds = 1000;
    CHECK(writes_per_second(workload) > 2000);
    workload.phase = 0.5;
    CHECK(writes_per_second(workload) == 0);
}

TEST_CASE("a guest of waves starts low") {
    Workload workload = periodic(WorkloadKind::kWaves);
    workload.period_seconds = 1000;
    const double rate = writes_per_second(workload);
    CHECK(rate > 400);
    CHECK(rate < 960);
}

TEST_CASE("an idle guest writes nothing") { CHECK(writes_per_second(idle()) == 0); }

}  // namespace vmbuddies::process::test
