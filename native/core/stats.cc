// SPDX-License-Identifier: MIT
#include "stats.h"

namespace vmbuddies {

const char* state_name(State state) noexcept {
    switch (state) {
        case State::kIdle:
            return "idle";
        case State::kPrecopy:
            return "precopy";
        case State::kWaiting:
            return "waiting";
        case State::kStopping:
            return "stopping";
        case State::kPrepared:
            return "prepared";
        case State::kCommitted:
            return "committed";
        case State::kAborted:
            return "aborted";
    }
    return "idle";
}

const char* where_name(Where where) noexcept {
    switch (where) {
        case Where::kSource:
            return "source";
        case Where::kDestination:
            return "destination";
        case Where::kUnknown:
            return "unknown";
    }
    return "unknown";
}

const char* round_kind_name(RoundKind kind) noexcept {
    switch (kind) {
        case RoundKind::kPrecopy:
            return "precopy";
        case RoundKind::kWaitAndCopy:
            return "wait-and-copy";
        case RoundKind::kStopAndCopy:
            return "stop-and-copy";
    }
    return "precopy";
}

}  // namespace vmbuddies
