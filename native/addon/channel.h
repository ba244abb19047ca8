// SPDX-License-Identifier: MIT
#pragma once
#include <napi.h>

#include <functional>
#include <memory>
#include <mutex>
#include <utility>

namespace vmbuddies::addon {

/// Carries events from native threads to one JavaScript function, in order, and lets go safely when the environment
/// ends first (worker terminated, process exit). Sending never blocks: the queue has no bound, so only rare events may
/// be sent without a gate of the sender's own.
template <class Event>
class Channel : public std::enable_shared_from_this<Channel<Event>> {
   public:
    using Deliver = std::function<void(Napi::Env, Napi::Function, Event&)>;  ///< on the JavaScript thread
    using Finalize = std::function<void()>;  ///< on the JavaScript thread, once: join the threads here

    static std::shared_ptr<Channel> open(Napi::Env env, Napi::Function listener, const char* name, Deliver deliver,
                                         Finalize finalize) {
        auto channel = std::make_shared<Channel>();
        channel->deliver_ = std::move(deliver);
        channel->finalize_ = std::move(finalize);
        auto* holder = new std::shared_ptr<Channel>(channel);
        channel->function_ = Function::New(env, listener, name, 0, 1, holder, &Channel::finalized);
        return channel;
    }

    void send(std::unique_ptr<Event> event) {
        std::lock_guard lock(mutex_);
        if (closed_) return;
        const napi_status status = function_.NonBlockingCall(event.get());
        if (status == napi_ok) {
            event.release();  // deliver() frees it
        } else {
            closed_ = true;  // napi_closing has taken our reference: neither call nor release again
        }
    }

    /// No event follows. Afterwards the environment may end, and `finalize` runs.
    void finish() {
        std::lock_guard lock(mutex_);
        if (closed_) return;
        closed_ = true;
        function_.Release();
    }

   private:
    using Holder = std::shared_ptr<Channel>;
    static void call(Napi::Env env, Napi::Function listener, Holder* holder, Event* raw) {
        std::unique_ptr<Event> event(raw);
        if (env == nullptr || holder == nullptr) return;
        (*holder)->deliver_(env, listener, *event);
    }
    using Function = Napi::TypedThreadSafeFunction<Holder, Event, &Channel::call>;

    static void finalized(Napi::Env, void*, Holder* holder) {
        std::unique_ptr<Holder> owned(holder);
        {
            std::lock_guard lock((*owned)->mutex_);
            (*owned)->closed_ = true;
        }
        std::exchange((*owned)->finalize_, nullptr)();
        (*owned)->deliver_ = nullptr;  // what it captured may hold this channel
    }

    std::mutex mutex_;
    bool closed_ = false;
    Function function_;
    Deliver deliver_;
    Finalize finalize_;
};

}  // namespace vmbuddies::addon
