// SPDX-License-Identifier: MIT
#include "addon/receiver_handle.h"

#include <utility>

#include "addon/convert.h"
#include "addon/task.h"

namespace vmbuddies::addon {

Napi::Function ReceiverHandle::define(Napi::Env env) {
    return DefineClass(env, "NativeReceiver",
                       {
                           InstanceAccessor<&ReceiverHandle::port>("port"),
                           InstanceMethod<&ReceiverHandle::close>("close"),
                       });
}

ReceiverHandle::ReceiverHandle(const Napi::CallbackInfo& info) : Napi::ObjectWrap<ReceiverHandle>(info) {
    const Napi::Object object = object_argument(info, 0, "options");
    const Napi::Function listener = function_argument(info, 1, "onEvent");
    process::Receiver::Options options;
    options.registry = string_of(object, "registry");
    options.host = string_of(object, "host");
    options.independent = bool_of(object, "independent");
    options.guest_program = string_of(object, "guestProgram");
    options.max_memory_bytes = limit_of(object, "maxMemoryBytes");
    options.secret = secret_of(object, "secret");
    const std::uint64_t port = count_of(object, "port");
    guarded(info.Env(), [&] {
        if (port > 65535) {
            throw Error(ErrorCode::kArgument, "listen", "port must be from 0 to 65535, not " + std::to_string(port));
        }
        options.port = static_cast<std::uint16_t>(port);
        auto state = std::make_shared<State>();
        state->events = Events::open(
            info.Env(), listener, "vmbuddies receiver",
            [](Napi::Env env, Napi::Function listener, process::ReceiverEvent& event) {
                listener.Call({to_js(env, event)});
            },
            [weak = std::weak_ptr(state)] {
                if (const auto state = weak.lock()) state->receiver.reset();
            });
        try {
            state->receiver = std::make_unique<process::Receiver>(
                options, [events = state->events](const process::ReceiverEvent& event) {
                    events->send(std::make_unique<process::ReceiverEvent>(event));
                });
        } catch (...) {
            state->events->finish();
            throw;
        }
        state_ = std::move(state);
    });
}

Napi::Value ReceiverHandle::port(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), state_->receiver ? state_->receiver->port() : 0);
}

Napi::Value ReceiverHandle::close(const Napi::CallbackInfo& info) {
    return Task<Nothing>::run(
        info.Env(),
        [state = state_] {
            if (state->receiver) state->receiver->close();
            return Nothing{};
        },
        [state = state_](Napi::Env env, Nothing&) {
            // On the JavaScript thread, so that nobody else touches it.
            state->receiver.reset();
            state->events->finish();
            return env.Undefined();
        });
}

}  // namespace vmbuddies::addon
