// SPDX-License-Identifier: MIT
#include "stop_rule.h"

#include <cmath>
#include <cstdio>

#include "page.h"
#include "stats.h"

namespace vmbuddies {
namespace {

using Rounds = std::span<const RoundStats>;
using Verdict = std::optional<std::string>;  // the message, if the limit is met

std::string text(double value) {
    char buffer[32];
    std::snprintf(buffer, sizeof buffer, "%.4g", value);
    return buffer;
}
std::string text(std::uint64_t value) { return std::to_string(value); }

std::uint64_t handled(const RoundStats& round) { return round.sent_pages + round.zero_pages + round.skipped_pages; }

std::uint64_t sent(Rounds rounds) {
    std::uint64_t pages = 0;
    for (const RoundStats& round : rounds) pages += round.sent_pages;
    return pages;
}

std::uint64_t present(const RoundStats& round0) {
    return handled(round0) + round0.deferred_pages + round0.unsent_pages;
}

Verdict few_dirty_pages(const StopRule& rule, Rounds rounds) {
    const RoundStats& last = rounds.back();
    if (last.dirtied_pages == 0) return "Nothing is dirty after round " + text(std::uint64_t{last.round}) + ".";
    if (last.dirtied_pages >= rule.dirty_pages_below) return {};
    return text(last.dirtied_pages) + " pages are dirty after round " + text(std::uint64_t{last.round}) +
           ", fewer than " + text(rule.dirty_pages_below) + ".";
}

Verdict short_pause(const StopRule& rule, Rounds rounds) {
    if (rule.downtime_seconds <= 0) return {};
    // A round that sent nothing shows no rate.
    for (std::size_t i = rounds.size(); i-- > 0;) {
        const RoundStats& round = rounds[i];
        if (round.sent_pages == 0 || round.seconds <= 0) continue;
        const double rate = static_cast<double>(round.sent_bytes) / round.seconds;
        const std::uint64_t dirty = rounds.back().dirtied_pages;
        const double pause = static_cast<double>(dirty * kPageSize) / rate;
        if (pause > rule.downtime_seconds) return {};
        return "The " + text(dirty) + " dirty pages take " + text(pause) + " s at the " + text(rate / 1e6) +
               " MB/s of round " + text(std::uint64_t{round.round}) + ", within " + text(rule.downtime_seconds) + " s.";
    }
    return {};
}

Verdict much_traffic(const StopRule& rule, Rounds rounds) {
    if (traffic_left(rule, present(rounds.front()), sent(rounds)) > 0) return {};
    return text(sent(rounds)) + " pages were sent in all, " + text(rule.traffic_factor) + " times the " +
           text(present(rounds.front())) + " pages of round 0.";
}

Verdict standing_still(const StopRule& rule, Rounds rounds) {
    if (rule.converged_rounds >= rounds.size()) return {};
    for (const RoundStats& round : rounds.last(rule.converged_rounds)) {
        const double floor = (1 - rule.converged_band) * static_cast<double>(handled(round));
        if (static_cast<double>(round.dirtied_pages) < floor) return {};
    }
    const RoundStats& last = rounds.back();
    return "The last " + text(rule.converged_rounds) + " rounds each dirtied at least " +
           text(100 * (1 - rule.converged_band)) + " % of the pages they handled; round " +
           text(std::uint64_t{last.round}) + " dirtied " + text(last.dirtied_pages) + " and handled " +
           text(handled(last)) + ".";
}

Verdict little_gain(const StopRule& rule, Rounds rounds) {
    if (rule.min_gain <= 0 || rounds.size() < 3) return {};
    const Rounds two = rounds.last(2);
    const std::uint64_t before = rounds[rounds.size() - 3].dirtied_pages;
    const std::uint64_t after = two.back().dirtied_pages;
    const double gain = static_cast<double>(before) - static_cast<double>(after);
    if (gain >= rule.min_gain * static_cast<double>(sent(two))) return {};
    return "The last two rounds sent " + text(sent(two)) + " pages and brought what is dirty from " + text(before) +
           " to " + text(after) + " pages, a gain below " + text(100 * rule.min_gain) + " %.";
}

Verdict many_rounds(const StopRule& rule, Rounds rounds) {
    if (rounds.size() < rule.max_rounds) return {};
    return "Round " + text(std::uint64_t{rounds.back().round}) + " was the last of " + text(rule.max_rounds) + ".";
}

}  // namespace

StopRule StopRule::xen_modern() { return {.name = "xen-modern", .max_rounds = 5, .dirty_pages_below = 50}; }

StopRule StopRule::xen_legacy() {
    return {.name = "xen-legacy", .max_rounds = 30, .dirty_pages_below = 50, .traffic_factor = 3};
}

StopRule StopRule::converged() {
    return {.name = "converged",
            .max_rounds = 30,
            .dirty_pages_below = 50,
            .converged_rounds = 2,
            .converged_band = 0.05,
            .min_gain = 0.05};
}

StopRule StopRule::downtime(double seconds) {
    StopRule rule = xen_legacy();
    rule.name = "downtime";
    rule.downtime_seconds = seconds;
    return rule;
}

std::optional<StopRule> stop_rule_by_name(std::string_view name) {
    for (StopRule rule :
         {StopRule::xen_modern(), StopRule::xen_legacy(), StopRule::converged(), StopRule::downtime(0.3)}) {
        if (rule.name == name) return rule;
    }
    return {};
}

std::optional<StopReason> evaluate(const StopRule& rule, Rounds rounds) {
    struct Limit {
        const char* name;
        Verdict (*judge)(const StopRule&, Rounds);
    };
    // Where several are met at one time the best news is told; traffic precedes what a round left midway may fake.
    static constexpr Limit kLimits[] = {
        {"dirty-pages", few_dirty_pages}, {"downtime", short_pause}, {"traffic", much_traffic},
        {"converged", standing_still},    {"gain", little_gain},     {"rounds", many_rounds}};
    for (const Limit& limit : kLimits) {
        if (auto message = limit.judge(rule, rounds)) return StopReason{rule.name, limit.name, *std::move(message)};
    }
    return {};
}

std::uint64_t traffic_left(const StopRule& rule, std::uint64_t round0_pages, std::uint64_t sent_pages) {
    if (rule.traffic_factor <= 0) return StopRule::kNever;
    const double limit = std::ceil(rule.traffic_factor * static_cast<double>(round0_pages));
    const double left = limit - static_cast<double>(sent_pages);
    if (left <= 0) return 0;
    return left < 0x1p63 ? static_cast<std::uint64_t>(left) : StopRule::kNever;
}

}  // namespace vmbuddies
