// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <cstdlib>
#include <thread>

#include "lab_guest.h"

namespace vmbuddies::xen::test {
namespace {

using namespace std::chrono_literals;

TEST_CASE("it suspends itself and runs on, again and again, and its memory stays whole") {
    auto domain = open_lab_guest();
    for (int i = 0; i < 3; ++i) {
        const double suspend = milliseconds_of([&] { domain->suspend(30s); });
        CHECK(domain->info().state == RunState::kSuspended);
        const double resume = milliseconds_of([&] { domain->resume(); });
        CHECK(domain->info().state == RunState::kRunning);
        MESSAGE("suspended in " << suspend << " ms, resumed in " << resume << " ms");
        next_count(*domain);
        next_count(*domain);
    }
    CHECK(corrupt_pages(*domain) == 0);
}

TEST_CASE("resuming a running guest does nothing") {
    auto domain = open_lab_guest();
    domain->resume();
    CHECK(domain->info().state == RunState::kRunning);
}

TEST_CASE("a guest that does not stop in time runs on") {
    auto domain = open_lab_guest();
    MESSAGE(failure(ErrorCode::kSuspend, [&] { domain->suspend(0ms); }));
    CHECK(domain->info().state == RunState::kRunning);
    CHECK(domain->connections().store().read(domain->connections().path("control/shutdown")) == "");
    next_count(*domain);
    CHECK(domain->info().state == RunState::kRunning);
}

TEST_CASE("a guest that does not stop at all runs on" *
          doctest::skip(std::getenv("VMBUDDIES_LAB_DEAF_GUEST") == nullptr)) {
    auto domain = XenDomain::open(std::getenv("VMBUDDIES_LAB_DEAF_GUEST"));
    MESSAGE(failure(ErrorCode::kSuspend, [&] { domain->suspend(3s); }));
    CHECK(domain->info().state == RunState::kRunning);
}

}  // namespace
}  // namespace vmbuddies::xen::test
