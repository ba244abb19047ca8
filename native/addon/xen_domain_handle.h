// SPDX-License-Identifier: MIT
#pragma once
#include <napi.h>

#include <memory>

#include "xen/xen_domain.h"

namespace vmbuddies::addon {

/// NativeXenDomain of contract.ts.
class XenDomainHandle : public Napi::ObjectWrap<XenDomainHandle> {
   public:
    static Napi::Function define(Napi::Env env);
    static Napi::Value wrap(Napi::Env env, std::unique_ptr<xen::XenDomain> domain);

    explicit XenDomainHandle(const Napi::CallbackInfo& info);

   private:
    /// Shared with the calls under way, so that it outlives the JavaScript object while one of them runs. Its end, and
    /// that of the process, switches the dirty log off.
    struct State;

    /// Runs `work(State&)` on a pool thread, after the calls under way on this handle.
    template <class Work>
    Napi::Value queue(Napi::Env env, Work work);

    Napi::Value info(const Napi::CallbackInfo& info);
    Napi::Value preflight(const Napi::CallbackInfo& info);
    Napi::Value suspend(const Napi::CallbackInfo& info);
    Napi::Value resume(const Napi::CallbackInfo& info);
    Napi::Value rename(const Napi::CallbackInfo& info);
    Napi::Value guest_memory(const Napi::CallbackInfo& info);
    Napi::Value balloon(const Napi::CallbackInfo& info);
    Napi::Value hold_memory(const Napi::CallbackInfo& info);
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
