// SPDX-License-Identifier: MIT
#pragma once
#include <napi.h>

namespace vmbuddies::addon {

/// What one JavaScript environment (main thread or worker) holds. Never a static: workers load the addon anew.
struct Environment {
    Napi::FunctionReference domain_class;
    Napi::FunctionReference xen_domain_class;
    Napi::FunctionReference migration_class;
    Napi::FunctionReference receiver_class;

    static Environment& of(Napi::Env env) { return *env.GetInstanceData<Environment>(); }
};

}  // namespace vmbuddies::addon
