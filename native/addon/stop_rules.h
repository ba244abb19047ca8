// SPDX-License-Identifier: MIT
#pragma once
#include <napi.h>

#include <string>

#include "core/stop_rule.h"

namespace vmbuddies::addon {

/// The named rule, with a budget for the pause if it is more than 0. Error kArgument for a name that is none.
StopRule stop_rule(const std::string& name, double downtime_seconds);

/// evaluateStopRule() and trafficLeft() of contract.ts: whoever makes rounds elsewhere stops them by the same rules.
Napi::Value evaluate_stop_rule(const Napi::CallbackInfo& info);
Napi::Value traffic_left(const Napi::CallbackInfo& info);

}  // namespace vmbuddies::addon
