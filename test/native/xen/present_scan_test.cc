// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <cstdint>
#include <random>

#include "xen/present_scan.h"

namespace vmbuddies::xen::test {
namespace {

constexpr Pfn kEnd = 0xff000;  // of a PVH guest below 4 GiB
constexpr Pfn kAcpi = 0xfc000;
constexpr Pfn kSpecial = 0xfeff8;

/// A guest whose page numbers can be looked at, and how often that was done.
class Layout {
   public:
    explicit Layout(Pfn end) : pages(end), found(end) {}

    PresentScan scan() {
        return PresentScan(
            [this](std::span<const Pfn> asked, const PresentScan::Found& visit) {
                looked_at += asked.size();
                for (std::size_t i = 0; i < asked.size(); ++i) {
                    if (pages.test(asked[i])) visit(i);
                }
            },
            found);
    }
    bool all_found() const { return found.count() == pages.count() && found.count_union(pages) == pages.count(); }

    Bitmap pages;
    Bitmap found;
    std::uint64_t looked_at = 0;
};

TEST_CASE("of a small guest's million page numbers one in sixteen is looked at") {
    Layout guest(kEnd);
    guest.pages.set_range(0, 32'768);  // 128 MiB
    guest.pages.set_range(kAcpi, kAcpi + 8);
    guest.pages.set_range(kSpecial, kEnd);
    guest.scan().run(guest.pages.count());
    CHECK(guest.all_found());
    // Its RAM, the 64 MiB with the few other pages, and the probes between.
    CHECK(guest.looked_at == 32'768 + 16'384 + (kEnd - 16'384 - 32'768 + 63) / 64);
}

TEST_CASE("pages given back, here and there, are left out") {
    Layout guest(kEnd);
    guest.pages.set_range(0, 32'768);
    guest.pages.set_range(kSpecial, kEnd);
    std::mt19937_64 random(1);
    for (int i = 0; i < 10'000; ++i) guest.pages.clear(random() % 32'768);
    guest.scan().run(guest.pages.count());
    CHECK(guest.all_found());
    CHECK(guest.looked_at < kEnd / 16);
}

TEST_CASE("a guest with memory on both sides of the hole below 4 GiB is found whole") {
    Layout guest(0x140000);
    guest.pages.set_range(0, 0xf0000);
    guest.pages.set_range(kSpecial, kEnd);
    guest.pages.set_range(0x100000, 0x140000);
    guest.scan().run(guest.pages.count());
    CHECK(guest.all_found());
}

TEST_CASE("pages that count though they are others' do not hide the guest's own") {
    Layout guest(kEnd);
    guest.pages.set_range(0, 32'768);
    guest.pages.set_range(40'000, 40'100);  // the guest's own, with as many of others' before them
    guest.pages.set_range(kSpecial, kEnd);
    guest.scan().run(guest.pages.count() - 100);
    CHECK(guest.all_found());
}

TEST_CASE("everything is looked at when the guest has more pages than can be seen, or fewer") {
    for (const std::int64_t wrong : {-5000, -1, 1, 5000}) {
        Layout guest(kEnd);
        guest.pages.set_range(0, 32'768);
        guest.pages.set_range(kSpecial, kEnd);
        guest.scan().run(guest.pages.count() + static_cast<std::uint64_t>(wrong));
        CHECK(guest.all_found());
    }
}

TEST_CASE("guests smaller than one stretch, and empty ones, are found too") {
    for (const Pfn end : {Pfn{0}, Pfn{1}, Pfn{100}, Pfn{1024}, Pfn{1025}}) {
        Layout guest(end);
        guest.pages.set_range(0, end);
        guest.scan().run(end);
        CHECK(guest.all_found());
        CHECK(guest.looked_at == end);
    }
}

TEST_CASE("the whole look takes every page number once") {
    Layout guest(kEnd);
    guest.pages.set_range(500'000, 500'003);
    guest.scan().run_to_the_end();
    CHECK(guest.all_found());
    CHECK(guest.looked_at == kEnd);
}

}  // namespace
}  // namespace vmbuddies::xen::test
