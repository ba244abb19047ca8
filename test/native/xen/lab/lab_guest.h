// SPDX-License-Identifier: MIT
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "core/bitmap.h"
#include "core/error.h"
#include "xen/connections.h"
#include "xen/xen_domain.h"

namespace vmbuddies::xen::test {

/// The running guest that the environment variable VMBUDDIES_LAB_GUEST names; its writer tells through xenstore how
/// many pages it has written.
std::unique_ptr<XenDomain> open_lab_guest();

/// Waits until the guest has told anew, and returns how many pages it has written.
std::uint64_t next_count(XenDomain& domain);

/// The pages that differ from what the guest's writer should find there.
std::uint64_t corrupt_pages(XenDomain& domain);

/// How long `call` takes.
double milliseconds_of(const std::function<void()>& call);

/// The message of the error of this code that `call` ends in.
std::string failure(ErrorCode code, const std::function<void()>& call);

/// Suspends the guest as long as it lives.
class Suspended {
   public:
    explicit Suspended(XenDomain& domain) : domain_(domain) { domain_.suspend(std::chrono::seconds(30)); }
    Suspended(const Suspended&) = delete;
    Suspended& operator=(const Suspended&) = delete;
    ~Suspended() { domain_.resume(); }

   private:
    XenDomain& domain_;
};

}  // namespace vmbuddies::xen::test
