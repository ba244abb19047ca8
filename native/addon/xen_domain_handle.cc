// SPDX-License-Identifier: MIT
#include "addon/xen_domain_handle.h"

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "addon/at_exit.h"
#include "addon/convert.h"
#include "addon/environment.h"
#include "addon/task.h"
#include "xen/log_dirty.h"
#include "xen/log_lock.h"

namespace vmbuddies::addon {

using xen::LogDirty;
using xen::XenDomain;

struct XenDomainHandle::State {
    std::mutex mutex;  // one call at a time: neither the domain nor its log is thread-safe
    std::unique_ptr<XenDomain> domain;
    std::unique_ptr<LogDirty> log;  // after the domain: it goes first
    std::optional<xen::MoveClaim> claim;
    AtExit at_exit{[this] {
        // A call that never came back must not keep the process from ending.
        const std::unique_lock lock(mutex, std::try_to_lock);
        if (lock) log.reset();
    }};

    XenDomain& open_domain(const char* operation) {
        if (!domain) throw Error(ErrorCode::kState, operation, "this handle is closed");
        return *domain;
    }
    LogDirty& open_log(const char* operation) {
        open_domain(operation);
        if (!log) throw Error(ErrorCode::kState, operation, "the dirty log of " + domain->name() + " is off");
        return *log;
    }
};

namespace {

/// The results that convert.h need not know.
Napi::Value result_to_js(Napi::Env env, const Nothing&) { return env.Undefined(); }
Napi::Value result_to_js(Napi::Env env, std::uint64_t bytes) {
    return Napi::Number::New(env, static_cast<double>(bytes));
}
template <class Result>
Napi::Value result_to_js(Napi::Env env, const Result& result) {
    return to_js(env, result);
}

/// Fills in how long `look` took. Xen pauses the guest for every such call, so that is the guest's stall as well.
template <class Look>
DirtyCount timed(Look look) {
    DirtyCount count;
    const auto start = std::chrono::steady_clock::now();
    look(count);
    count.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    count.stall_seconds = count.seconds;
    return count;
}

}  // namespace

Napi::Function XenDomainHandle::define(Napi::Env env) {
    return DefineClass(env, "NativeXenDomain",
                       {
                           InstanceMethod<&XenDomainHandle::info>("info"),
                           InstanceMethod<&XenDomainHandle::preflight>("preflight"),
                           InstanceMethod<&XenDomainHandle::suspend>("suspend"),
                           InstanceMethod<&XenDomainHandle::resume>("resume"),
                           InstanceMethod<&XenDomainHandle::rename>("rename"),
                           InstanceMethod<&XenDomainHandle::guest_memory>("guestMemory"),
                           InstanceMethod<&XenDomainHandle::balloon>("balloon"),
                           InstanceMethod<&XenDomainHandle::hold_memory>("holdMemory"),
                           InstanceMethod<&XenDomainHandle::enable_dirty_log>("enableDirtyLog"),
                           InstanceMethod<&XenDomainHandle::peek_dirty_log>("peekDirtyLog"),
                           InstanceMethod<&XenDomainHandle::clean_dirty_log>("cleanDirtyLog"),
                           InstanceMethod<&XenDomainHandle::disable_dirty_log>("disableDirtyLog"),
                           InstanceMethod<&XenDomainHandle::claim>("claim"),
                           InstanceMethod<&XenDomainHandle::unclaim>("unclaim"),
                           InstanceMethod<&XenDomainHandle::require_unclaimed>("requireUnclaimed"),
                           InstanceMethod<&XenDomainHandle::close>("close"),
                       });
}

Napi::Value XenDomainHandle::wrap(Napi::Env env, std::unique_ptr<XenDomain> domain) {
    Napi::Object object = Environment::of(env).xen_domain_class.New({});
    Unwrap(object)->state_->domain = std::move(domain);
    return object;
}

XenDomainHandle::XenDomainHandle(const Napi::CallbackInfo& info)
    : Napi::ObjectWrap<XenDomainHandle>(info), state_(std::make_shared<State>()) {}

template <class Work>
Napi::Value XenDomainHandle::queue(Napi::Env env, Work work) {
    using Returned = std::invoke_result_t<Work, State&>;
    using Result = std::conditional_t<std::is_void_v<Returned>, Nothing, Returned>;
    return Task<Result>::run(
        env,
        [state = state_, work = std::move(work)]() -> Result {
            std::lock_guard lock(state->mutex);
            if constexpr (std::is_void_v<Returned>) {
                work(*state);
                return {};
            } else {
                return work(*state);
            }
        },
        [](Napi::Env env, Result& result) { return result_to_js(env, result); });
}

Napi::Value XenDomainHandle::info(const Napi::CallbackInfo& info) {
    return guarded(info.Env(), [&] {
        std::lock_guard lock(state_->mutex);
        return to_js(info.Env(), state_->open_domain("info").info());
    });
}

Napi::Value XenDomainHandle::preflight(const Napi::CallbackInfo& info) {
    return queue(info.Env(), [](State& state) { return state.open_domain("preflight").preflight(); });
}

Napi::Value XenDomainHandle::suspend(const Napi::CallbackInfo& info) {
    const auto timeout = duration(number_argument(info, 0, "timeoutSeconds"), info.Env(), "timeoutSeconds");
    return queue(info.Env(), [timeout](State& state) { state.open_domain("suspend").suspend(timeout); });
}

Napi::Value XenDomainHandle::resume(const Napi::CallbackInfo& info) {
    return queue(info.Env(), [](State& state) { state.open_domain("resume").resume(); });
}

Napi::Value XenDomainHandle::rename(const Napi::CallbackInfo& info) {
    return queue(info.Env(),
                 [name = string_argument(info, 0, "name")](State& state) { state.open_domain("rename").rename(name); });
}

Napi::Value XenDomainHandle::guest_memory(const Napi::CallbackInfo& info) {
    return queue(info.Env(), [](State& state) { return state.open_domain("guestMemory").guest_memory(); });
}

Napi::Value XenDomainHandle::balloon(const Napi::CallbackInfo& info) {
    const std::uint64_t target = count_argument(info, 0, "targetBytes");
    const auto timeout = duration(number_argument(info, 1, "timeoutSeconds"), info.Env(), "timeoutSeconds");
    return queue(info.Env(), [target, timeout](State& state) -> std::uint64_t {
        return state.open_domain("balloon").balloon(target, timeout);
    });
}

Napi::Value XenDomainHandle::hold_memory(const Napi::CallbackInfo& info) {
    const auto timeout = duration(number_argument(info, 0, "timeoutSeconds"), info.Env(), "timeoutSeconds");
    return queue(info.Env(), [timeout](State& state) { return state.open_domain("holdMemory").hold_memory(timeout); });
}

Napi::Value XenDomainHandle::enable_dirty_log(const Napi::CallbackInfo& info) {
    return queue(info.Env(), [](State& state) {
        XenDomain& domain = state.open_domain("enable");
        if (state.log) {
            throw Error(ErrorCode::kState, "enable", "the dirty log of " + domain.name() + " is on already");
        }
        state.log = LogDirty::enable(domain);
    });
}

Napi::Value XenDomainHandle::peek_dirty_log(const Napi::CallbackInfo& info) {
    return queue(info.Env(), [with_bitmap = bool_argument(info, 0, "withBitmap")](State& state) {
        LogDirty& log = state.open_log("peek");
        if (!with_bitmap) return timed([&](DirtyCount& count) { count.pages = log.count(); });
        Bitmap dirty(log.end_pfn());
        DirtyCount count = timed([&](DirtyCount&) { log.peek(0, dirty.size(), dirty); });
        count.pages = dirty.count();
        count.bitmap = std::move(dirty);
        return count;
    });
}

Napi::Value XenDomainHandle::clean_dirty_log(const Napi::CallbackInfo& info) {
    return queue(info.Env(), [with_bitmap = bool_argument(info, 0, "withBitmap")](State& state) {
        LogDirty& log = state.open_log("clean");
        Bitmap dirty(log.end_pfn());
        DirtyCount count = timed([&](DirtyCount& count) { count.pages = log.clean(dirty, Clean::kLive); });
        if (with_bitmap) count.bitmap = std::move(dirty);
        return count;
    });
}

Napi::Value XenDomainHandle::disable_dirty_log(const Napi::CallbackInfo& info) {
    return queue(info.Env(), [](State& state) { state.log.reset(); });
}

Napi::Value XenDomainHandle::claim(const Napi::CallbackInfo& info) {
    return queue(info.Env(), [purpose = string_argument(info, 0, "purpose")](State& state) {
        XenDomain& domain = state.open_domain("claim");
        if (state.claim) xen::MoveClaim::require_none(domain.domid(), domain.name(), "claim");
        state.claim.emplace(domain.domid(), domain.name(), purpose);
    });
}

Napi::Value XenDomainHandle::unclaim(const Napi::CallbackInfo& info) {
    return queue(info.Env(), [](State& state) { state.claim.reset(); });
}

Napi::Value XenDomainHandle::require_unclaimed(const Napi::CallbackInfo& info) {
    return queue(info.Env(), [operation = string_argument(info, 0, "operation")](State& state) {
        XenDomain& domain = state.open_domain(operation.c_str());
        if (!state.claim) xen::MoveClaim::require_none(domain.domid(), domain.name(), operation.c_str());
    });
}

Napi::Value XenDomainHandle::close(const Napi::CallbackInfo& info) {
    return queue(info.Env(), [](State& state) {
        state.log.reset();
        state.claim.reset();
        state.domain.reset();
    });
}

}  // namespace vmbuddies::addon
