// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "xen/abi.h"
#include "xen/domain_flags.h"

namespace vmbuddies::xen::test {
namespace {

constexpr std::uint32_t stopped(std::uint32_t reason) { return abi::kShutdown | reason << abi::kShutdownReasonShift; }

TEST_CASE("a guest that has stopped counts as suspended for that reason only, and as dying for any other") {
    CHECK(run_state(abi::kHvmGuest) == RunState::kRunning);
    CHECK(run_state(abi::kPaused) == RunState::kPaused);
    CHECK(run_state(stopped(abi::kSuspend)) == RunState::kSuspended);
    CHECK(run_state(stopped(abi::kSuspend) | abi::kPaused) == RunState::kSuspended);
    CHECK(run_state(stopped(abi::kPowerOff)) == RunState::kDying);
    CHECK(run_state(stopped(abi::kCrash)) == RunState::kDying);
    CHECK(run_state(stopped(abi::kSuspend) | abi::kDying) == RunState::kDying);
}

TEST_CASE("it is told what has become of a guest") {
    CHECK(ending(abi::kDying) == "is being destroyed");
    CHECK(ending(stopped(abi::kPowerOff)) == "has powered off");
    CHECK(ending(stopped(abi::kReboot)) == "is rebooting");
    CHECK(ending(stopped(abi::kCrash)) == "has crashed");
    CHECK(ending(stopped(abi::kWatchdog)) == "was stopped by its watchdog");
    CHECK(ending(stopped(abi::kSoftReset)) == "resets itself");
    CHECK(ending(stopped(77)) == "has shut down for reason 77");
}

}  // namespace
}  // namespace vmbuddies::xen::test
