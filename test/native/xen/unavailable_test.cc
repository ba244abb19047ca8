// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <fcntl.h>
#include <unistd.h>

#include <functional>
#include <string>

#include "core/error.h"
#include "xen/log_lock.h"
#include "xen/xen_domain.h"

namespace vmbuddies::xen::test {
namespace {

bool on_xen() { return ::access("/dev/xen/privcmd", F_OK) == 0 || ::access("/proc/xen/privcmd", F_OK) == 0; }

std::string failure(ErrorCode code, const std::function<void()>& call) {
    try {
        call();
    } catch (const Error& error) {
        CHECK(error.code() == code);
        return error.what();
    }
    return "no failure";
}

TEST_CASE("without Xen, one sentence says so, here and in the error of every call" * doctest::skip(on_xen())) {
    const std::string sentence = "This machine does not run on the Xen hypervisor.";
    CHECK(xen_unavailable() == sentence);
    CHECK(xen_version().empty());
    CHECK(failure(ErrorCode::kUnavailable, [] { list_domains(); }) == sentence);
    CHECK(failure(ErrorCode::kUnavailable, [] { XenDomain::open("web"); }) == sentence);
    CHECK(failure(ErrorCode::kUnavailable, [] { XenDomain::open("3"); }) == sentence);
}

TEST_CASE("a dirty log has one owner on a host, whose number is told" * doctest::skip(::geteuid() != 0)) {
    constexpr std::uint32_t kNoDomain = 0x7ff1;
    {
        const LogLock lock(kNoDomain, "web");
        CHECK(failure(ErrorCode::kDirtyLogBusy, [] { LogLock(kNoDomain, "web"); }) ==
              "The dirty log of web belongs to process " + std::to_string(::getpid()) + ".");
        const LogLock another(kNoDomain + 1, "database");
    }
    const LogLock again(kNoDomain, "web");
}

}  // namespace
}  // namespace vmbuddies::xen::test
