// SPDX-License-Identifier: MIT
#include "core/error.h"

#include <doctest/doctest.h>

#include <cerrno>
#include <set>
#include <string>

#include "core/stats.h"

using namespace vmbuddies;

TEST_CASE("every error code has its own name") {
    std::set<std::string> names;
    for (int code = 0; code <= static_cast<int>(ErrorCode::kSystem); ++code) {
        names.insert(code_name(static_cast<ErrorCode>(code)));
    }
    CHECK(names.size() == static_cast<std::size_t>(ErrorCode::kSystem) + 1);
    CHECK(std::string(code_name(ErrorCode::kPeerRefused)) == "PEER_REFUSED");
}

TEST_CASE("an error from the operating system says what failed and why") {
    const Error error = Error::system("open dirty log", "Cannot open /proc/1/pagemap", EACCES);
    CHECK(error.code() == ErrorCode::kSystem);
    CHECK(error.operation() == "open dirty log");
    CHECK(error.errno_value() == EACCES);
    CHECK(std::string(error.what()) == "Cannot open /proc/1/pagemap: Permission denied.");
}

TEST_CASE("states, places and rounds are named in the project's words") {
    std::string names;
    for (int state = 0; state <= static_cast<int>(State::kAborted); ++state) {
        names += std::string(state_name(static_cast<State>(state))) + " ";
    }
    CHECK(names == "idle precopy waiting stopping prepared committed aborted ");
    CHECK(std::string(where_name(Where::kSource)) == "source");
    CHECK(std::string(where_name(Where::kDestination)) == "destination");
    CHECK(std::string(where_name(Where::kUnknown)) == "unknown");
    CHECK(std::string(round_kind_name(RoundKind::kPrecopy)) == "precopy");
    CHECK(std::string(round_kind_name(RoundKind::kWaitAndCopy)) == "wait-and-copy");
    CHECK(std::string(round_kind_name(RoundKind::kStopAndCopy)) == "stop-and-copy");
}
