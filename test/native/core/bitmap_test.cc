// SPDX-License-Identifier: MIT
#include "core/bitmap.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "core/error.h"
#include "seed.h"

using namespace vmbuddies;
using test::below;

namespace {

using Model = std::vector<bool>;
using Runs = std::vector<std::pair<Pfn, std::uint64_t>>;

Runs runs_of(const Bitmap& bitmap, Pfn first = 0, Pfn last = UINT64_MAX) {
    Runs runs;
    bitmap.for_each_run([&](Pfn at, std::uint64_t count) { runs.emplace_back(at, count); }, first, last);
    return runs;
}

Runs runs_of(const Model& model, Pfn first = 0, Pfn last = UINT64_MAX) {
    Runs runs;
    for (Pfn page = first; page < std::min<Pfn>(last, model.size()); ++page) {
        if (!model[page]) continue;
        if (!runs.empty() && runs.back().first + runs.back().second == page) {
            ++runs.back().second;
        } else {
            runs.emplace_back(page, 1);
        }
    }
    return runs;
}

Pfn find(const Model& model, Pfn from, bool value) {
    while (from < model.size() && model[from] != value) ++from;
    return std::min<Pfn>(from, model.size());
}

void check_same(const Bitmap& bitmap, const Model& model) {
    REQUIRE(bitmap.size() == model.size());
    REQUIRE(runs_of(bitmap) == runs_of(model));
    CHECK(bitmap.count() == static_cast<std::uint64_t>(std::ranges::count(model, true)));
    CHECK(bitmap.any() == (bitmap.count() > 0));
    if (model.size() % 64 != 0) CHECK((bitmap.words().back() >> (model.size() % 64)) == 0);
}

// Bits in clusters as guests dirty them, at any density.
std::pair<Bitmap, Model> random_pair(std::mt19937_64& random, Pfn size) {
    std::pair<Bitmap, Model> pair{Bitmap(size), Model(size)};
    for (std::uint64_t runs = below(random, 40); size > 0 && runs > 0; --runs) {
        const Pfn first = below(random, size);
        const Pfn last = std::min(size, first + 1 + below(random, below(random, 4) == 0 ? 200 : 3));
        pair.first.set_range(first, last);
        std::fill(pair.second.begin() + static_cast<long>(first), pair.second.begin() + static_cast<long>(last), true);
    }
    return pair;
}

}  // namespace

TEST_CASE("a bitmap obeys the laws of a vector of booleans") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    for (int trial = 0; trial < 300; ++trial) {
        const Pfn size = below(random, 4) == 0 ? 64 * below(random, 12) : below(random, 700);
        CAPTURE(size);
        auto [bitmap, model] = random_pair(random, size);
        auto [other, other_model] = random_pair(random, size);
        check_same(bitmap, model);

        for (int step = 0; size > 0 && step < 20; ++step) {
            const Pfn page = below(random, size);
            CHECK(bitmap.test(page) == model[page]);
            CHECK(bitmap.find_set(page) == find(model, page, true));
            CHECK(bitmap.find_clear(page) == find(model, page, false));
            const Pfn first = below(random, size + 2);
            const Pfn last = below(random, size + 80);
            CHECK(runs_of(bitmap, first, last) == runs_of(model, first, last));
            std::uint64_t inside = 0;
            for (Pfn i = first; i < std::min(last, size); ++i) inside += model[i];
            CHECK(bitmap.count(first, last) == inside);
            const bool value = below(random, 2) == 0;
            value ? bitmap.set(page) : bitmap.clear(page);
            model[page] = value;
        }

        Model united(size);
        Model rest(size);
        for (Pfn i = 0; i < size; ++i) {
            united[i] = model[i] || other_model[i];
            rest[i] = model[i] && !other_model[i];
        }
        CHECK(bitmap.count_union(other) == static_cast<std::uint64_t>(std::ranges::count(united, true)));
        Bitmap merged = bitmap;
        merged.merge(other);
        check_same(merged, united);
        bitmap.subtract(other);
        check_same(bitmap, rest);

        const Pfn first = below(random, size + 1);
        const Pfn last = below(random, size + 100);
        merged.clear_range(first, last);
        for (Pfn i = first; i < std::min(last, size); ++i) united[i] = false;
        check_same(merged, united);
        merged.clear_all();
        CHECK_FALSE(merged.any());
    }
}

TEST_CASE("ranges end at the bitmap's size") {
    Bitmap bitmap(70);
    bitmap.set_range(60, UINT64_MAX);
    CHECK(runs_of(bitmap) == Runs{{60, 10}});
    CHECK(bitmap.find_clear(60) == 70);
    CHECK(bitmap.find_set(70) == 70);
    CHECK(bitmap.find_set(1000) == 70);
    bitmap.clear_range(65, UINT64_MAX);
    CHECK(bitmap.count() == 5);
    bitmap.set_range(9, 3);
    CHECK(bitmap.count() == 5);
}

TEST_CASE("an empty bitmap has nothing to find") {
    const Bitmap empty;
    CHECK(empty.count() == 0);
    CHECK_FALSE(empty.any());
    CHECK(empty.find_set(0) == 0);
    CHECK(empty.find_clear(0) == 0);
    CHECK(runs_of(empty).empty());
}

TEST_CASE("a full bitmap is one run, whether or not its last word is whole") {
    for (const Pfn size : {1, 63, 64, 65, 128, 1000}) {
        Bitmap bitmap(size);
        bitmap.set_range(0, size);
        CHECK(runs_of(bitmap) == Runs{{0, size}});
        CHECK(bitmap.count() == size);
        CHECK(bitmap.find_clear(0) == size);
    }
}

TEST_CASE("bitmaps of different sizes cannot be combined") {
    Bitmap bitmap(64);
    const Bitmap other(65);
    for (auto&& combine : std::vector<std::function<void()>>{
             [&] { bitmap.merge(other); }, [&] { bitmap.subtract(other); }, [&] { (void)bitmap.count_union(other); }}) {
        try {
            combine();
            FAIL("no error");
        } catch (const Error& error) {
            CHECK(error.code() == ErrorCode::kArgument);
            CHECK(std::string(error.what()) == "Bitmaps of 64 and 65 pages cannot be combined.");
        }
    }
}
