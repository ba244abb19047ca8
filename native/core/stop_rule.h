// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace vmbuddies {

struct RoundStats;

/// When pre-copy has done what it can. Plain data handed down from above: a rule is a set of limits, and the
/// named rules are points in it. The first limit that is met stops pre-copy. With nothing dirty it always stops.
///
/// "Handled" are the pages a round has dealt with: sent, zero or skipped. What a round dirtied is compared with these
/// and not with what it sent, so that skipping pages that are dirty again neither hides nor fakes convergence.
struct StopRule {
    static constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();

    std::string name;
    /// Stop after this many rounds (round 0 counts).
    std::uint64_t max_rounds = kNever;
    /// Stop when fewer pages than this are dirty.
    std::uint64_t dirty_pages_below = 0;
    /// Stop, midway in a round, when this many times the pages of round 0 (all that were present) have been sent
    /// with data in all. 0: never.
    double traffic_factor = 0;
    /// Stop when `converged_rounds` rounds in a row each failed to shrink what is dirty:
    /// dirtied >= (1 - band) x handled. Round 0 never counts: all memory is no measure of what is dirtied.
    /// At least 1.
    std::uint64_t converged_rounds = kNever;
    double converged_band = 0;
    /// Stop when the last two rounds together have shrunk what is dirty by less than this share of what they sent.
    /// Where the band sees rounds that stand still, this sees those that go back and forth. Round 0 never counts. 0:
    /// never.
    double min_gain = 0;
    /// Stop when the dirty pages take no longer than this at the rate reached in the last round that sent. 0: never.
    double downtime_seconds = 0;

    /// Xen 4.17: 5 rounds or fewer than 50 dirty pages (simple_precopy_policy, xg_sr_save.c).
    static StopRule xen_modern();
    /// Xen 4.1: 30 rounds, 3 times the memory or fewer than 50 dirty pages (xc_domain_save.c). The baseline of the
    /// VMbuddies paper.
    static StopRule xen_legacy();
    /// Section 4.2 of the VMbuddies paper, "as many pages dirtied as sent", made robust against noisy rounds: two
    /// rounds in a row within 5 %, or a gain below 5 % over two rounds. Backstops: fewer than 50 dirty pages, 30
    /// rounds.
    static StopRule converged();
    /// The predicted pause is within `seconds` > 0. Backstops: xen_legacy's limits.
    static StopRule downtime(double seconds);
};

/// The named rules: "xen-modern", "xen-legacy", "converged" and "downtime" (with 0.3 s, QEMU's default budget).
std::optional<StopRule> stop_rule_by_name(std::string_view name);

struct StopReason {
    std::string rule;     ///< StopRule::name
    std::string limit;    ///< "rounds", "dirty-pages", "traffic", "converged", "gain" or "downtime"
    std::string message;  ///< a sentence with the numbers
};

/// Judges at the end of a round. `rounds` are all pre-copy rounds so far, round 0 first, at least one.
std::optional<StopReason> evaluate(const StopRule& rule, std::span<const RoundStats> rounds);

/// Pages that may still be sent before the traffic limit is met, given those present in round 0 and those sent so far.
std::uint64_t traffic_left(const StopRule& rule, std::uint64_t round0_pages, std::uint64_t sent_pages);

}  // namespace vmbuddies
