// SPDX-License-Identifier: MIT
#include "core/stop_rule.h"

#include <doctest/doctest.h>

#include <vector>

#include "core/stats.h"

using namespace vmbuddies;

namespace {

// Rounds that send all they handle, from pairs of pages sent and dirtied; 100 MB/s.
std::vector<RoundStats> rounds(std::vector<std::pair<std::uint64_t, std::uint64_t>> pairs) {
    std::vector<RoundStats> result;
    for (const auto& [sent, dirtied] : pairs) {
        const std::uint64_t bytes = sent * 4096;
        result.push_back({.round = static_cast<std::uint32_t>(result.size()),
                          .sent_pages = sent,
                          .dirtied_pages = dirtied,
                          .sent_bytes = bytes,
                          .seconds = static_cast<double>(bytes) / 1e8});
    }
    return result;
}

// Which limit stops pre-copy after these rounds, or "" if none does.
std::string limit(const StopRule& rule, const std::vector<RoundStats>& rounds) {
    const auto reason = evaluate(rule, rounds);
    if (!reason) return "";
    CHECK(reason->rule == rule.name);
    CHECK(reason->message.back() == '.');
    return reason->limit;
}

std::string message(const StopRule& rule, const std::vector<RoundStats>& rounds) {
    const auto reason = evaluate(rule, rounds);
    return reason ? reason->message : "";
}

}  // namespace

TEST_CASE("xen-modern stops after 5 rounds or below 50 dirty pages") {
    const StopRule rule = StopRule::xen_modern();
    CHECK(limit(rule, rounds({{1000, 50}})) == "");
    CHECK(message(rule, rounds({{1000, 49}})) == "49 pages are dirty after round 0, fewer than 50.");
    CHECK(limit(rule, rounds({{1000, 900}, {900, 900}, {900, 900}, {900, 900}})) == "");
    CHECK(message(rule, rounds({{1000, 900}, {900, 900}, {900, 900}, {900, 900}, {900, 900}})) ==
          "Round 4 was the last of 5.");
}

TEST_CASE("xen-legacy stops after 30 rounds, after 3 times the memory or below 50 dirty pages") {
    const StopRule rule = StopRule::xen_legacy();
    std::vector<std::pair<std::uint64_t, std::uint64_t>> quiet{{100'000, 60}};
    while (quiet.size() < 29) quiet.push_back({60, 60});
    CHECK(limit(rule, rounds(quiet)) == "");
    quiet.push_back({60, 60});
    CHECK(limit(rule, rounds(quiet)) == "rounds");
    CHECK(limit(rule, rounds({{1000, 999}, {999, 1000}, {1000, 1000}})) == "");
    CHECK(message(rule, rounds({{1000, 1000}, {1000, 1000}, {1000, 1000}})) ==
          "3000 pages were sent in all, 3 times the 1000 pages of round 0.");
    CHECK(limit(rule, rounds({{1000, 49}})) == "dirty-pages");
}

TEST_CASE("traffic is measured by all pages present in round 0") {
    const StopRule rule{.name = "r", .traffic_factor = 1.5};
    CHECK(traffic_left(rule, 1001, 0) == 1502);
    CHECK(traffic_left(rule, 1001, 1500) == 2);
    CHECK(traffic_left(rule, 1001, 1502) == 0);
    CHECK(traffic_left(rule, 1001, 9999) == 0);
    CHECK(traffic_left(StopRule{.name = "r"}, 1001, 9999) == StopRule::kNever);
    CHECK(traffic_left(StopRule{.name = "r", .traffic_factor = 1e300}, 1001, 9999) == StopRule::kNever);

    // 1000 present: 400 with data, 300 zeros, 200 skipped, 50 deferred, 50 unsent.
    std::vector<RoundStats> mixed{{.sent_pages = 400,
                                   .zero_pages = 300,
                                   .skipped_pages = 200,
                                   .deferred_pages = 50,
                                   .unsent_pages = 50,
                                   .dirtied_pages = 900},
                                  {.round = 1, .sent_pages = 1099, .dirtied_pages = 900}};
    CHECK(limit(rule, mixed) == "");
    mixed[1].sent_pages = 1100;
    CHECK(limit(rule, mixed) == "traffic");
}

TEST_CASE("converged needs two rounds in a row within its band") {
    const StopRule rule = StopRule::converged();
    CHECK(limit(rule, rounds({{10'000, 2000}, {2000, 1900}})) == "");
    CHECK(message(rule, rounds({{10'000, 2000}, {2000, 1900}, {1900, 1805}})) ==
          "The last 2 rounds each dirtied at least 95 % of the pages they handled; round 2 dirtied 1805 and handled "
          "1900.");
    CHECK(limit(rule, rounds({{10'000, 2000}, {2000, 1899}, {1899, 1800}})) == "");
    CHECK(limit(rule, rounds({{10'000, 3000}, {3000, 2990}, {2990, 2000}, {2000, 1990}})) == "");
    CHECK(limit(rule, rounds({{10'000, 49}})) == "dirty-pages");
}

TEST_CASE("round 0 never counts as converged") {
    const StopRule rule = StopRule::converged();
    CHECK(limit(rule, rounds({{1000, 1000}})) == "");
    CHECK(limit(rule, rounds({{1000, 1000}, {1000, 1000}})) == "");
    CHECK(limit(rule, rounds({{1000, 1000}, {1000, 1000}, {1000, 1000}})) == "converged");
}

TEST_CASE("skipping pages neither hides nor fakes convergence") {
    const StopRule rule = StopRule::converged();
    auto twice = rounds({{10'000, 3000}, {3000, 2400}, {2400, 1900}});
    CHECK(limit(rule, twice) == "");
    // Most pages were dirty again when their turn came: few sent, but as many handled.
    for (std::size_t i : {1, 2}) {
        twice[i].skipped_pages = 1500;
        twice[i].sent_pages -= 1500;
    }
    CHECK(limit(rule, twice) == "");
    auto still = rounds({{10'000, 2000}, {2000, 2000}, {2000, 2000}});
    for (std::size_t i : {1, 2}) {
        still[i].skipped_pages = 600;
        still[i].zero_pages = 400;
        still[i].sent_pages = 1000;
    }
    CHECK(limit(rule, still) == "converged");
}

TEST_CASE("converged also stops when rounds go back and forth without a gain") {
    const StopRule rule = StopRule::converged();
    CHECK(message(rule, rounds({{10'000, 2000}, {2000, 1600}, {1600, 1990}})) ==
          "The last two rounds sent 3600 pages and brought what is dirty from 2000 to 1990 pages, a gain below 5 %.");
    CHECK(limit(rule, rounds({{10'000, 2000}, {2000, 1600}, {1600, 1820}})) == "");
    CHECK(limit(rule, rounds({{10'000, 2000}, {2000, 1600}, {1600, 1821}})) == "gain");
    CHECK(limit(rule, rounds({{10'000, 2000}, {2000, 2900}})) == "");
}

TEST_CASE("converged gives up after 30 rounds") {
    const StopRule rule = StopRule::converged();
    std::vector<std::pair<std::uint64_t, std::uint64_t>> slow{{1'000'000, 900'000}};
    while (slow.size() < 29) slow.push_back({slow.back().second, slow.back().second * 9 / 10});
    CHECK(limit(rule, rounds(slow)) == "");
    slow.push_back({slow.back().second, slow.back().second * 9 / 10});
    CHECK(limit(rule, rounds(slow)) == "rounds");
}

TEST_CASE("downtime stops when the predicted pause is within its budget") {
    const StopRule rule = StopRule::downtime(0.1);
    CHECK(limit(rule, rounds({{100'000, 2442}})) == "");  // 10.002 MB at 100 MB/s
    CHECK(message(rule, rounds({{100'000, 2441}})) ==
          "The 2441 dirty pages take 0.09998 s at the 100 MB/s of round 0, within 0.1 s.");
    SUBCASE("a round that sent nothing shows no rate; an earlier one does") {
        auto two = rounds({{100'000, 5000}, {0, 2000}});
        two[1].skipped_pages = 5000;
        two[1].seconds = 1;
        CHECK(limit(rule, two) == "downtime");
    }
    SUBCASE("without any rate there is no prediction") {
        auto one = rounds({{0, 2000}});
        one[0].skipped_pages = 100'000;
        CHECK(limit(rule, one) == "");
    }
    SUBCASE("the backstops are xen-legacy's") {
        CHECK(limit(rule, rounds({{5000, 5000}, {5000, 5000}, {5000, 5000}})) == "traffic");
        CHECK(limit(StopRule::downtime(1e-9), rounds({{5000, 49}})) == "dirty-pages");
    }
}

TEST_CASE("with nothing dirty every rule stops") {
    CHECK(message(StopRule{.name = "none"}, rounds({{1000, 0}})) == "Nothing is dirty after round 0.");
    CHECK(limit(StopRule{.name = "none"}, rounds({{1000, 1}})) == "");
}

TEST_CASE("rules have names") {
    for (const char* name : {"xen-modern", "xen-legacy", "converged", "downtime"}) {
        const auto rule = stop_rule_by_name(name);
        REQUIRE(rule);
        CHECK(rule->name == name);
    }
    CHECK(stop_rule_by_name("downtime")->downtime_seconds == 0.3);
    CHECK_FALSE(stop_rule_by_name("xen"));
    CHECK_FALSE(stop_rule_by_name(""));
}
