// SPDX-License-Identifier: MIT
#include "addon/stop_rules.h"

#include <cstdint>
#include <limits>
#include <vector>

#include "addon/convert.h"
#include "addon/errors.h"
#include "core/error.h"
#include "core/stats.h"

namespace vmbuddies::addon {
namespace {

/// What the rules look at: all but the kind of the round and the time that its dirty log took.
RoundStats round_of(const Napi::Object& object) {
    return {.round = static_cast<std::uint32_t>(count_of(object, "round")),
            .sent_pages = count_of(object, "sentPages"),
            .zero_pages = count_of(object, "zeroPages"),
            .skipped_pages = count_of(object, "skippedPages"),
            .deferred_pages = count_of(object, "deferredPages"),
            .unsent_pages = count_of(object, "unsentPages"),
            .dirtied_pages = count_of(object, "dirtiedPages"),
            .sent_bytes = count_of(object, "sentBytes"),
            .seconds = number_of(object, "seconds")};
}

std::vector<RoundStats> rounds_argument(const Napi::CallbackInfo& info, std::size_t index) {
    const Napi::Object list = object_argument(info, index, "rounds");
    const std::uint32_t count = list.IsArray() ? list.As<Napi::Array>().Length() : 0;
    if (count == 0) throw Error(ErrorCode::kArgument, "stop rule", "rounds must be an array of at least one round");
    std::vector<RoundStats> rounds;
    for (std::uint32_t i = 0; i < count; ++i) {
        const Napi::Value round = list.Get(i);
        if (!round.IsObject()) {
            throw Error(ErrorCode::kArgument, "stop rule", "rounds[" + std::to_string(i) + "] must be an object");
        }
        rounds.push_back(round_of(round.As<Napi::Object>()));
    }
    return rounds;
}

}  // namespace

StopRule stop_rule(const std::string& name, double downtime_seconds) {
    auto rule = stop_rule_by_name(name);
    if (!rule) throw Error(ErrorCode::kArgument, "stop rule", "there is no stop rule called \"" + name + "\"");
    if (downtime_seconds > 0) rule->downtime_seconds = downtime_seconds;
    return *std::move(rule);
}

Napi::Value evaluate_stop_rule(const Napi::CallbackInfo& info) {
    return guarded(info.Env(), [&] {
        const StopRule rule =
            stop_rule(string_argument(info, 0, "stopRule"), number_argument(info, 1, "downtimeSeconds"));
        return to_js(info.Env(), evaluate(rule, rounds_argument(info, 2)));
    });
}

Napi::Value traffic_left(const Napi::CallbackInfo& info) {
    return guarded(info.Env(), [&]() -> Napi::Value {
        const std::uint64_t left =
            vmbuddies::traffic_left(stop_rule(string_argument(info, 0, "stopRule"), 0),
                                    count_argument(info, 1, "round0Pages"), count_argument(info, 2, "sentPages"));
        const bool limited = left != StopRule::kNever;
        return Napi::Number::New(info.Env(),
                                 limited ? static_cast<double>(left) : std::numeric_limits<double>::infinity());
    });
}

}  // namespace vmbuddies::addon
