// SPDX-License-Identifier: MIT
#pragma once
#include <doctest/doctest.h>

#include <string>

#include "core/error.h"

namespace vmbuddies::process::test {

/// The Error that `action` throws. Fails the test, from whatever thread, if it throws none.
template <class Action>
Error caught(Action&& action) {
    try {
        action();
        FAIL_CHECK("nothing was thrown");
    } catch (const Error& error) {
        return error;
    } catch (const Aborted&) {
        FAIL_CHECK("aborted instead of failing");
    }
    return Error(ErrorCode::kState, "", "no error");
}

inline bool says(const Error& error, const std::string& text) {
    return std::string(error.what()).find(text) != std::string::npos;
}

}  // namespace vmbuddies::process::test

template <>
struct doctest::StringMaker<vmbuddies::ErrorCode> {
    static String convert(vmbuddies::ErrorCode code) { return vmbuddies::code_name(code); }
};
