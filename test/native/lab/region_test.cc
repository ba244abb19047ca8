// SPDX-License-Identifier: MIT
#include "region.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <vector>

using namespace vmbuddies::lab;

namespace {

constexpr std::uint64_t kSeed = 7;

/// The pages that differ from what they were in `before`.
std::set<std::size_t> changed(const std::vector<Page>& before, const std::vector<Page>& now) {
    std::set<std::size_t> pages;
    for (std::size_t i = 0; i < now.size(); ++i) {
        if (now[i] != before[i]) pages.insert(i);
    }
    return pages;
}

std::size_t bad_pages(Region& region) {
    std::size_t bad = 0;
    for (std::size_t i = 0; i < region.pages(); ++i) bad += region.check(i) ? 1 : 0;
    return bad;
}

}  // namespace

TEST_CASE("any writes in a row dirty as many distinct pages, up to the size of the region") {
    for (const std::size_t size : {1, 2, 3, 8, 97, 100, 256}) {
        CAPTURE(size);
        std::vector<Page> memory(size);
        Region region(memory, kSeed);
        for (const std::size_t writes : {std::size_t{1}, size / 3 + 1, size / 2, size - 1, size, size / 2 + 1, size}) {
            const std::vector<Page> before = memory;
            for (std::size_t i = 0; i < writes; ++i) CHECK_FALSE(region.write_next());
            CHECK(changed(before, memory).size() == writes);
        }
    }
}

TEST_CASE("what nobody damaged is whole after any number of writes") {
    for (const std::size_t size : {1, 2, 7, 64, 101}) {
        CAPTURE(size);
        std::vector<Page> memory(size);
        Region region(memory, kSeed);
        for (std::size_t writes = 0; writes <= 3 * size; ++writes) {
            CHECK(bad_pages(region) == 0);
            CHECK_FALSE(region.write_next());
        }
    }
}

TEST_CASE("every lost write is found, whichever it was and however many came before") {
    constexpr std::size_t kSize = 60;
    for (std::size_t writes = 0; writes < 2 * kSize; ++writes) {
        CAPTURE(writes);
        std::vector<Page> memory(kSize);
        Region region(memory, kSeed);
        for (std::size_t i = 0; i < writes; ++i) region.write_next();
        const std::vector<Page> before = memory;
        region.write_next();
        memory = before;  // the last write never arrived
        CHECK(bad_pages(region) == 1);
        CHECK(bad_pages(region) == 0);  // it is counted once
    }
}

TEST_CASE("a lost write is found before the next pass covers it up") {
    constexpr std::size_t kSize = 50;
    std::vector<Page> memory(kSize);
    Region region(memory, kSeed);
    const std::vector<Page> before = memory;
    for (std::size_t i = 0; i < kSize; ++i) region.write_next();
    memory[13] = before[13];
    std::size_t found = 0;
    for (std::size_t i = 0; i < kSize; ++i) found += region.write_next() ? 1 : 0;
    CHECK(found == 1);
}

TEST_CASE("a page is found bad by each single word, by another's content and by another region's") {
    std::vector<Page> memory(20);
    Region region(memory, kSeed);
    for (std::size_t word = 0; word < memory[5].size(); ++word) {
        memory[5][word] ^= 1;
        CHECK(region.check(5));
    }
    std::swap(memory[3], memory[4]);
    CHECK(bad_pages(region) == 2);

    std::vector<Page> elsewhere(20);
    Region other(elsewhere, kSeed + 1);
    memory[9] = elsewhere[9];
    CHECK(region.check(9));
    std::fill(memory[9].begin(), memory[9].end(), 0);
    CHECK(region.check(9));
}
