// SPDX-License-Identifier: MIT
#pragma once
#include <napi.h>

#include <exception>

namespace vmbuddies::addon {

/// An exception of the native side as a JavaScript Error with `code`, `operation`, `errno`, and `where` for a failed
/// migration. Call on the JavaScript thread.
Napi::Error to_js_error(Napi::Env env, const std::exception_ptr& failure);

/// Runs `body` and turns whatever it throws into a JavaScript exception.
template <class Body>
auto guarded(Napi::Env env, Body&& body) {
    try {
        return body();
    } catch (const Napi::Error&) {
        throw;
    } catch (...) {
        throw to_js_error(env, std::current_exception());
    }
}

}  // namespace vmbuddies::addon
