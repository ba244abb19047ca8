// SPDX-License-Identifier: MIT
#pragma once
#include <napi.h>

#include <memory>

#include "process/process_domain.h"

namespace vmbuddies::addon {

/// NativeDomain of contract.ts.
class DomainHandle : public Napi::ObjectWrap<DomainHandle> {
   public:
    static Napi::Function define(Napi::Env env);
    static Napi::Value wrap(Napi::Env env, std::unique_ptr<process::ProcessDomain> domain);

    explicit DomainHandle(const Napi::CallbackInfo& info);

   private:
    /// Shared with the calls under way, so that it outlives the JavaScript object while one of them runs.
    struct State;

    Napi::Value info(const Napi::CallbackInfo& info);
    Napi::Value suspend(const Napi::CallbackInfo& info);
    Napi::Value resume(const Napi::CallbackInfo& info);
    Napi::Value destroy(const Napi::CallbackInfo& info);
    Napi::Value balloon(const Napi::CallbackInfo& info);
    Napi::Value verify(const Napi::CallbackInfo& info);
    Napi::Value digest(const Napi::CallbackInfo& info);
    Napi::Value rename(const Napi::CallbackInfo& info);
    Napi::Value enable_dirty_log(const Napi::CallbackInfo& info);
    Napi::Value peek_dirty_log(const Napi::CallbackInfo& info);
    Napi::Value clean_dirty_log(const Napi::CallbackInfo& info);
    Napi::Value disable_dirty_log(const Napi::CallbackInfo& info);
    Napi::Value claim(const Napi::CallbackInfo& info);
    Napi::Value unclaim(const Napi::CallbackInfo& info);
    Napi::Value require_unclaimed(const Napi::CallbackInfo& info);
    Napi::Value close(const Napi::CallbackInfo& info);

    std::shared_ptr<State> state_;
};

}  // namespace vmbuddies::addon
