// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "core/stream_writer.h"
#include "lab_guest.h"
#include "xen/page_types.h"
#include "xen/present_scan.h"
#include "xen/xen_source.h"

namespace vmbuddies::xen::test {
namespace {

constexpr std::size_t kBatch = 256;

/// Calls visit(pages, addresses) for all pages of `set`, batch by batch.
template <class Visit>
void map_all(XenSource& source, const Bitmap& set, Visit&& visit) {
    std::vector<Pfn> pages;
    std::vector<const std::byte*> addresses;
    for (Pfn page = set.find_set(0); page < set.size();) {
        pages.clear();
        for (; page < set.size() && pages.size() < kBatch; page = set.find_set(page + 1)) pages.push_back(page);
        addresses.resize(pages.size());
        source.map_pages(pages, addresses);
        visit(pages, addresses);
    }
}

void check_present_pages(XenDomain& domain) {
    const Suspended suspended(domain);
    XenSource source(open_lab_guest());
    Bitmap quick(source.end_pfn());
    const double quick_ms = milliseconds_of([&] { source.present_pages(quick); });
    Bitmap whole(source.end_pfn());
    PageTypes types(domain.connections());
    PresentScan scan([&types](auto pages, const auto& found) { types.for_each_with_data(pages, found); }, whole);
    const double whole_ms = milliseconds_of([&] { scan.run_to_the_end(); });
    MESSAGE(quick.count() << " pages, tot_pages " << domain.connections().require_alive("test").tot_pages << ": "
                          << quick_ms << " ms in a hurry, " << whole_ms << " ms for all " << whole.size());
    CHECK(std::ranges::equal(quick.words(), whole.words()));
}

TEST_CASE("the pages found in a hurry are those found by looking at all") {
    auto domain = open_lab_guest();
    check_present_pages(*domain);
    domain->balloon(112u << 20, std::chrono::seconds(60));
    check_present_pages(*domain);
    domain->balloon(128u << 20, std::chrono::seconds(60));
}

TEST_CASE("mapped pages hold what the guest has in them; what holds nothing is not mapped") {
    auto domain = open_lab_guest();
    next_count(*domain);
    XenDomain::Connections& guest = domain->connections();
    const std::string boot_id = guest.store().read(guest.path("data/vmb/boot_id")).value();
    const Suspended suspended(*domain);
    XenSource source(open_lab_guest());
    Bitmap present(source.end_pfn());
    source.present_pages(present);
    std::uint64_t mapped = 0, found = 0;
    const double map_ms = milliseconds_of([&] {
        map_all(source, present, [&](auto& pages, auto& addresses) {
            for (std::size_t i = 0; i < pages.size(); ++i) {
                if (addresses[i] == nullptr) continue;
                ++mapped;
                if (::memmem(addresses[i], kPageSize, boot_id.data(), boot_id.size()) != nullptr) ++found;
            }
        });
    });
    MESSAGE(mapped << " pages mapped and searched in " << map_ms << " ms; the boot identity is in " << found);
    CHECK(mapped == present.count());
    CHECK(found > 0);
    const Pfn hole = 0x80000;  // far from everything
    CHECK(!present.test(hole));
    const Pfn pages[] = {0, hole, 1};
    const std::byte* addresses[3] = {};
    source.map_pages(pages, addresses);
    CHECK(addresses[0] != nullptr);
    CHECK(addresses[1] == nullptr);
    CHECK(addresses[2] != nullptr);
}

TEST_CASE("of what the guest has dirtied, the pages that can be mapped come, and those alone") {
    auto domain = open_lab_guest();
    XenSource source(open_lab_guest());
    Bitmap dirty(source.end_pfn());
    source.enable_dirty_log();
    next_count(*domain);
    next_count(*domain);
    const std::uint64_t logged = source.dirty_count();
    source.clean_dirty(dirty, Clean::kLive);
    const Suspended suspended(*domain);
    source.clean_dirty(dirty, Clean::kFinal);
    CHECK(dirty.count() >= logged * 9 / 10);
    std::uint64_t absent = 0;
    map_all(source, dirty, [&](auto&, auto& addresses) { absent += std::ranges::count(addresses, nullptr); });
    MESSAGE(logged << " pages logged, then " << dirty.count() << " to be sent");
    CHECK(absent == 0);
    std::span<const std::byte*> none;
    source.map_pages({}, none);
}

TEST_CASE("what it writes is a stream that Xen's own checker accepts") {
    const char* const path = "/var/tmp/vmbuddies-lab-stream";
    auto domain = open_lab_guest();
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path, "wb"), std::fclose);
    REQUIRE(file);
    StreamWriter stream([&](std::span<const iovec> parts) {
        for (const iovec& part : parts)
            REQUIRE(std::fwrite(part.iov_base, 1, part.iov_len, file.get()) == part.iov_len);
    });
    {
        const Suspended suspended(*domain);
        XenSource source(open_lab_guest());
        Bitmap present(source.end_pfn());
        source.write_head(stream);
        source.present_pages(present);
        std::vector<StreamWriter::Page> entries;
        // The checker reads slowly: some of the pages will do.
        present.clear_range(4096, 0xfe000);
        map_all(source, present, [&](auto& pages, auto& addresses) {
            entries.clear();
            for (std::size_t i = 0; i < pages.size(); ++i) {
                entries.push_back({pages[i], addresses[i], stream::PageType::kNormal});
            }
            stream.pages(entries);
        });
        MESSAGE("the tail took " << milliseconds_of([&] { source.write_tail(stream); }) << " ms");
        stream.end();
    }
    std::fflush(file.get());
    const std::string xen = "/usr/lib/xen-4.17";
    CHECK(std::system(("PYTHONPATH=" + xen + "/lib/python " + xen + "/bin/verify-stream-v2 -f libxc -v -i " + path +
                       " > /var/tmp/vmbuddies-lab-verdict 2>&1")
                          .c_str()) == 0);
    std::remove(path);
}

}  // namespace
}  // namespace vmbuddies::xen::test
