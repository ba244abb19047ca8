// SPDX-License-Identifier: MIT
// What the calls of a migration cost on this host: for people, who may compare them; nothing fails.
#include <doctest/doctest.h>

#include <sys/mman.h>

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

TEST_CASE("figures") {
    auto domain = open_lab_guest();
    XenDomain::Connections& guest = domain->connections();
    MESSAGE("look whether it lives: " << mean_ms([&] { guest.require_alive("figures"); }) << " ms");
    MESSAGE("read from xenstore: " << mean_ms([&] { guest.number("memory/target"); }) << " ms");
    {
        auto log = LogDirty::enable(*domain);
        Bitmap pages(log->end_pfn());
        MESSAGE("count: " << mean_ms([&] { log->count(); }) << " ms");
        MESSAGE("peek at 32,768 pages: " << mean_ms([&] { log->peek(0, 32'768, pages); }) << " ms");
        MESSAGE("peek at all " << log->end_pfn() << ": " << mean_ms([&] { log->peek(0, log->end_pfn(), pages); })
                               << " ms");
        MESSAGE("clean: " << mean_ms([&] { log->clean(pages, Clean::kLive); }) << " ms");
    }
    for (const std::size_t batch : {16u, 256u, 1024u, 4096u}) {
        std::vector<Pfn> pages(batch);
        std::iota(pages.begin(), pages.end(), Pfn{4096});
        std::vector<const std::byte*> addresses(batch);
        ForeignMapping mapping(guest);
        PageTypes types(guest);
        const auto per_page_us = [&](double milliseconds) { return milliseconds * 1000 / static_cast<double>(batch); };
        MESSAGE("a page of " << batch << ": types "
                             << per_page_us(mean_ms([&] { types.for_each_with_data(pages, [](std::size_t) {}); }))
                             << " us, mapping " << per_page_us(mean_ms([&] { mapping.map(pages, addresses); }))
                             << " us");
    }
}

}  // namespace
}  // namespace vmbuddies::xen::test
