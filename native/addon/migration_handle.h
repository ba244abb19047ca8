// SPDX-License-Identifier: MIT
#pragma once
#include <napi.h>

#include <memory>

#include "addon/migration_options.h"

namespace vmbuddies::addon {

/// NativeMigration of migration-contract.ts.
class MigrationHandle : public Napi::ObjectWrap<MigrationHandle> {
   public:
    static Napi::Function define(Napi::Env env);
    static Napi::Value wrap(Napi::Env env, EngineFactory open_engine);

    explicit MigrationHandle(const Napi::CallbackInfo& info);

   private:
    Napi::Value run(const Napi::CallbackInfo& info);
    Napi::Value set_rate(const Napi::CallbackInfo& info);
    Napi::Value begin(const Napi::CallbackInfo& info);
    Napi::Value catch_up(const Napi::CallbackInfo& info);
    Napi::Value stop_and_copy(const Napi::CallbackInfo& info);
    Napi::Value pledge(const Napi::CallbackInfo& info);
    Napi::Value commit(const Napi::CallbackInfo& info);
    Napi::Value abort(const Napi::CallbackInfo& info);

    class Session;
    std::shared_ptr<Session> session_;
};

}  // namespace vmbuddies::addon
