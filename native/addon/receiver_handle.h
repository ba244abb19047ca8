// SPDX-License-Identifier: MIT
#pragma once
#include <napi.h>

#include <memory>

#include "addon/channel.h"
#include "process/receiver.h"

namespace vmbuddies::addon {

/// NativeReceiver of contract.ts.
class ReceiverHandle : public Napi::ObjectWrap<ReceiverHandle> {
   public:
    static Napi::Function define(Napi::Env env);
    explicit ReceiverHandle(const Napi::CallbackInfo& info);

   private:
    using Events = Channel<process::ReceiverEvent>;
    /// Shared by the JavaScript object, the channel and a close() under way; whoever comes last ends it.
    struct State {
        std::unique_ptr<process::Receiver> receiver;
        std::shared_ptr<Events> events;
        ~State() {
            receiver.reset();
            if (events) events->finish();
        }
    };

    Napi::Value port(const Napi::CallbackInfo& info);
    Napi::Value close(const Napi::CallbackInfo& info);

    std::shared_ptr<State> state_;
};

}  // namespace vmbuddies::addon
