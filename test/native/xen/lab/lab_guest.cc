// SPDX-License-Identifier: MIT
#include "lab_guest.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <stdexcept>

namespace vmbuddies::xen::test {

using Clock = std::chrono::steady_clock;

std::unique_ptr<XenDomain> open_lab_guest() {
    const char* const name = std::getenv("VMBUDDIES_LAB_GUEST");
    if (name == nullptr) throw std::runtime_error("VMBUDDIES_LAB_GUEST names no guest");
    return XenDomain::open(name);
}

std::uint64_t next_count(XenDomain& domain) {
    XenDomain::Connections& guest = domain.connections();
    const auto before = guest.number("data/vmb/count");
    const auto deadline = Clock::now() + std::chrono::seconds(60);
    const Xenstore::Watch watch(guest.store(), guest.path("data/vmb/count"));
    while (Clock::now() < deadline) {
        guest.store().await_change(Clock::now() + std::chrono::milliseconds(100));
        const auto count = guest.number("data/vmb/count");
        if (count && count != before) return *count;
    }
    throw std::runtime_error("the guest has not told of its writes for a minute");
}

std::uint64_t corrupt_pages(XenDomain& domain) {
    return domain.connections().number("data/vmb/corrupt").value_or(UINT64_MAX);
}

double milliseconds_of(const std::function<void()>& call) {
    const auto begin = Clock::now();
    call();
    return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

std::string failure(ErrorCode code, const std::function<void()>& call) {
    try {
        call();
    } catch (const Error& error) {
        CHECK(error.code() == code);
        return error.what();
    }
    return "no failure";
}

}  // namespace vmbuddies::xen::test
