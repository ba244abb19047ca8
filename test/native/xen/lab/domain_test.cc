// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <algorithm>

#include "lab_guest.h"

namespace vmbuddies::xen::test {
namespace {

TEST_CASE("Xen is available, and of a release that is known") {
    CHECK(xen_unavailable() == "");
    MESSAGE("Xen " << xen_version());
    CHECK(xen_version().starts_with("4.17"));
}

TEST_CASE("the guest is found by name and by number, and described") {
    auto domain = open_lab_guest();
    const XenDomainInfo info = domain->info();
    CHECK(XenDomain::open(std::to_string(info.domid))->name() == domain->name());
    CHECK(info.type == GuestType::kPvh);
    CHECK(info.state == RunState::kRunning);
    CHECK(info.memory_bytes == 128u << 20);
    CHECK(info.present_bytes <= (129u << 20));
    CHECK(info.vcpus == 1);
    CHECK(info.cpu_seconds > 0);
    CHECK(info.uuid.size() == 36);
    const auto domains = list_domains();
    CHECK(std::ranges::count(domains, info.uuid, &XenDomainInfo::uuid) == 1);
    CHECK(std::ranges::count(domains, 0u, &XenDomainInfo::domid) == 0);
    MESSAGE("present " << info.present_bytes / 4096 << " pages, page numbers up to "
                       << domain->connections().end_pfn());
}

TEST_CASE("what is not there is not found") {
    CHECK(failure(ErrorCode::kDomainNotFound, [] { XenDomain::open("nobody"); }) ==
          "There is no domain nobody on this host.");
    CHECK(failure(ErrorCode::kDomainNotFound, [] { XenDomain::open("4711"); }) == "There is no domain 4711 here.");
    CHECK(failure(ErrorCode::kArgument, [] { XenDomain::open("0"); }) == "Domain 0 is this host itself, not a guest.");
}

TEST_CASE("nothing stands in the way of moving it") {
    auto domain = open_lab_guest();
    for (const Check& check : domain->preflight()) {
        MESSAGE(check.subject << ": " << check.finding << " " << check.fix);
        CHECK(check.verdict == Check::Verdict::kPass);
    }
}

TEST_CASE("the guest's own memory figures come through") {
    auto domain = open_lab_guest();
    const auto memory = domain->guest_memory();
    REQUIRE(memory);
    CHECK(memory->total_bytes < domain->info().memory_bytes);
    CHECK(memory->free_bytes < memory->total_bytes);
}

TEST_CASE("it is renamed everywhere, and back") {
    auto domain = open_lab_guest();
    const std::string name = domain->name();
    domain->rename(name + "--migratedaway");
    CHECK(XenDomain::open(name + "--migratedaway")->domid() == domain->domid());
    CHECK(failure(ErrorCode::kDomainNotFound, [&] { XenDomain::open(name); }) != "");
    domain->rename(name);
    CHECK(XenDomain::open(name)->domid() == domain->domid());
    CHECK(failure(ErrorCode::kDomainExists, [&] { domain->rename("Domain-0"); }) ==
          "There is a domain Domain-0 on this host already.");
}

}  // namespace
}  // namespace vmbuddies::xen::test
