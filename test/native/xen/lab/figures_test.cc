// SPDX-License-Identifier: MIT
// What the calls of a migration cost on this host, for people, who may compare them, and how much each of them did,
// without which its time would say nothing.
#include <doctest/doctest.h>

#include <sys/mman.h>

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <vector>

#include "lab_guest.h"
#include "xen/foreign_mapping.h"
#include "xen/log_dirty.h"
#include "xen/page_types.h"

namespace vmbuddies::xen::test {
namespace {

constexpr int kTimes = 20;

double mean_ms(const std::function<void()>& call) {
    return milliseconds_of([&] {
               for (int i = 0; i < kTimes; ++i) call();
           }) /
           kTimes;
}

TEST_CASE("each call whose cost is shown does what it is called for, every time") {
    auto domain = open_lab_guest();
    XenDomain::Connections& guest = domain->connections();
    MESSAGE("look whether it lives: " << mean_ms([&] { guest.require_alive("figures"); }) << " ms");
    const auto target = guest.number("memory/target");
    MESSAGE("read from xenstore: " << mean_ms([&] { CHECK(guest.number("memory/target") == target); }) << " ms");
    {
        auto log = LogDirty::enable(*domain);
        Bitmap pages(log->end_pfn());
        REQUIRE(log->end_pfn() >= 32'768);
        std::uint64_t counted = 0;
        const double count_ms = mean_ms([&] {
            const std::uint64_t now = log->count();
            CHECK(now >= counted);
            CHECK(now <= log->end_pfn());
            counted = now;
        });
        MESSAGE("count: " << count_ms << " ms");
        MESSAGE("peek at 32,768 pages: " << mean_ms([&] { log->peek(0, 32'768, pages); }) << " ms");
        CHECK(pages.count(32'768, log->end_pfn()) == 0);
        MESSAGE("peek at all " << log->end_pfn() << ": " << mean_ms([&] { log->peek(0, log->end_pfn(), pages); })
                               << " ms");
        CHECK(pages.count() >= counted);
        MESSAGE("clean: " << mean_ms([&] { log->clean(pages, Clean::kLive); }) << " ms");
    }
    for (const std::size_t batch : {16u, 256u, 1024u, 4096u}) {
        std::vector<Pfn> pages(batch);
        std::iota(pages.begin(), pages.end(), Pfn{4096});
        std::vector<const std::byte*> addresses(batch);
        ForeignMapping mapping(guest);
        PageTypes types(guest);
        const auto per_page_us = [&](double milliseconds) { return milliseconds * 1000 / static_cast<double>(batch); };
        std::size_t with_data = 0;
        const double types_ms = mean_ms([&] {
            with_data = 0;
            types.for_each_with_data(pages, [&](std::size_t) { ++with_data; });
        });
        const double map_ms = mean_ms([&] { mapping.map(pages, addresses); });
        CHECK(with_data > 0);
        CHECK(with_data <= batch);
        CHECK(addresses.size() - std::ranges::count(addresses, nullptr) > 0);
        MESSAGE("a page of " << batch << ": types " << per_page_us(types_ms) << " us, mapping " << per_page_us(map_ms)
                             << " us");
    }
}

}  // namespace
}  // namespace vmbuddies::xen::test
