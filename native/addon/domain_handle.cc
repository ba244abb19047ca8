// SPDX-License-Identifier: MIT
#include "addon/domain_handle.h"

#include <chrono>
#include <mutex>
#include <optional>
#include <utility>

#include "addon/convert.h"
#include "addon/environment.h"
#include "addon/task.h"
#include "process/dirty_log.h"
#include "process/move_claim.h"

namespace vmbuddies::addon {

using process::DirtyLog;
using process::MoveClaim;
using process::ProcessDomain;

struct DomainHandle::State {
    std::mutex mutex;  // one call at a time: neither the domain nor its log is thread-safe
    std::unique_ptr<ProcessDomain> domain;
    std::unique_ptr<DirtyLog> log;  // after the domain: it goes first
    std::optional<MoveClaim> claim;

    ProcessDomain& open_domain(const char* operation) {
        if (!domain) throw Error(ErrorCode::kState, operation, "this handle is closed");
        return *domain;
    }
    DirtyLog& open_log(const char* operation) {
        open_domain(operation);
        if (!log) throw Error(ErrorCode::kState, operation, "the dirty log of " + domain->name() + " is off");
        return *log;
    }
};

namespace {

double seconds_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

Napi::Function DomainHandle::define(Napi::Env env) {
    return DefineClass(env, "NativeDomain",
                       {
                           InstanceMethod<&DomainHandle::info>("info"),
                           InstanceMethod<&DomainHandle::suspend>("suspend"),
                           InstanceMethod<&DomainHandle::resume>("resume"),
                           InstanceMethod<&DomainHandle::destroy>("destroy"),
                           InstanceMethod<&DomainHandle::balloon>("balloon"),
                           InstanceMethod<&DomainHandle::verify>("verify"),
                           InstanceMethod<&DomainHandle::digest>("digest"),
                           InstanceMethod<&DomainHandle::rename>("rename"),
                           InstanceMethod<&DomainHandle::enable_dirty_log>("enableDirtyLog"),
                           InstanceMethod<&DomainHandle::peek_dirty_log>("peekDirtyLog"),
                           InstanceMethod<&DomainHandle::clean_dirty_log>("cleanDirtyLog"),
                           InstanceMethod<&DomainHandle::disable_dirty_log>("disableDirtyLog"),
                           InstanceMethod<&DomainHandle::claim>("claim"),
                           InstanceMethod<&DomainHandle::unclaim>("unclaim"),
                           InstanceMethod<&DomainHandle::require_unclaimed>("requireUnclaimed"),
                           InstanceMethod<&DomainHandle::close>("close"),
                       });
}

Napi::Value DomainHandle::wrap(Napi::Env env, std::unique_ptr<ProcessDomain> domain) {
    Napi::Object object = Environment::of(env).domain_class.New({});
    Unwrap(object)->state_->domain = std::move(domain);
    return object;
}

DomainHandle::DomainHandle(const Napi::CallbackInfo& info)
    : Napi::ObjectWrap<DomainHandle>(info), state_(std::make_shared<State>()) {}

Napi::Value DomainHandle::info(const Napi::CallbackInfo& info) {
    return guarded(info.Env(), [&] {
        std::lock_guard lock(state_->mutex);
        return addon::to_js(info.Env(), state_->open_domain("info").info());
    });
}

Napi::Value DomainHandle::suspend(const Napi::CallbackInfo& info) {
    const auto timeout = duration(number_argument(info, 0, "timeoutSeconds"), info.Env(), "timeoutSeconds");
    return Task<Nothing>::run(
        info.Env(),
        [state = state_, timeout] {
            std::lock_guard lock(state->mutex);
            state->open_domain("suspend").suspend(timeout);
            return Nothing{};
        },
        undefined);
}

Napi::Value DomainHandle::resume(const Napi::CallbackInfo& info) {
    return Task<Nothing>::run(
        info.Env(),
        [state = state_] {
            std::lock_guard lock(state->mutex);
            state->open_domain("resume").resume();
            return Nothing{};
        },
        undefined);
}

Napi::Value DomainHandle::destroy(const Napi::CallbackInfo& info) {
    return Task<Nothing>::run(
        info.Env(),
        [state = state_] {
            std::lock_guard lock(state->mutex);
            state->open_domain("destroy");
            state->log.reset();
            state->domain->destroy();
            return Nothing{};
        },
        undefined);
}

Napi::Value DomainHandle::balloon(const Napi::CallbackInfo& info) {
    const std::uint64_t target = count_argument(info, 0, "targetBytes");
    const auto timeout = duration(number_argument(info, 1, "timeoutSeconds"), info.Env(), "timeoutSeconds");
    return Task<std::uint64_t>::run(
        info.Env(),
        [state = state_, target, timeout] {
            std::lock_guard lock(state->mutex);
            return state->open_domain("balloon").balloon(target, timeout);
        },
        [](Napi::Env env, std::uint64_t& bytes) { return Napi::Number::New(env, static_cast<double>(bytes)); });
}

Napi::Value DomainHandle::verify(const Napi::CallbackInfo& info) {
    const auto timeout = duration(number_argument(info, 0, "timeoutSeconds"), info.Env(), "timeoutSeconds");
    return Task<process::Verification>::run(
        info.Env(),
        [state = state_, timeout] {
            std::lock_guard lock(state->mutex);
            return state->open_domain("verify").verify(timeout);
        },
        [](Napi::Env env, process::Verification& verification) { return addon::to_js(env, verification); });
}

Napi::Value DomainHandle::digest(const Napi::CallbackInfo& info) {
    return Task<std::uint64_t>::run(
        info.Env(),
        [state = state_] {
            std::lock_guard lock(state->mutex);
            return state->open_domain("digest").digest();
        },
        [](Napi::Env env, std::uint64_t& digest) { return Napi::BigInt::New(env, digest); });
}

Napi::Value DomainHandle::rename(const Napi::CallbackInfo& info) {
    return Task<Nothing>::run(
        info.Env(),
        [state = state_, name = string_argument(info, 0, "name")] {
            std::lock_guard lock(state->mutex);
            state->open_domain("rename").rename(name);
            return Nothing{};
        },
        undefined);
}

Napi::Value DomainHandle::enable_dirty_log(const Napi::CallbackInfo& info) {
    return Task<Nothing>::run(
        info.Env(),
        [state = state_, tracker = string_argument(info, 0, "tracker")] {
            std::lock_guard lock(state->mutex);
            auto& domain = state->open_domain("enable");
            if (state->log) {
                throw Error(ErrorCode::kState, "enable", "the dirty log of " + domain.name() + " is on already");
            }
            state->log = DirtyLog::enable(domain, tracker);
            return Nothing{};
        },
        undefined);
}

Napi::Value DomainHandle::peek_dirty_log(const Napi::CallbackInfo& info) {
    return Task<DirtyCount>::run(
        info.Env(),
        [state = state_, with_bitmap = bool_argument(info, 0, "withBitmap")] {
            std::lock_guard lock(state->mutex);
            DirtyLog& log = state->open_log("peek");
            DirtyCount count;
            const auto start = std::chrono::steady_clock::now();
            if (with_bitmap) {
                count.bitmap.emplace(state->domain->pages());
                log.peek(0, count.bitmap->size(), *count.bitmap);
                count.seconds = seconds_since(start);
                count.pages = count.bitmap->count();
            } else {
                count.pages = log.count();
                count.seconds = seconds_since(start);
            }
            count.stall_seconds = state->domain->take_longest_stall();
            return count;
        },
        [](Napi::Env env, DirtyCount& count) { return addon::to_js(env, count); });
}

Napi::Value DomainHandle::clean_dirty_log(const Napi::CallbackInfo& info) {
    return Task<DirtyCount>::run(
        info.Env(),
        [state = state_, with_bitmap = bool_argument(info, 0, "withBitmap")] {
            std::lock_guard lock(state->mutex);
            DirtyLog& log = state->open_log("clean");
            DirtyCount count;
            Bitmap dirty(state->domain->pages());
            const auto start = std::chrono::steady_clock::now();
            log.clean(dirty);
            count.seconds = seconds_since(start);
            count.pages = dirty.count();
            count.stall_seconds = state->domain->take_longest_stall();
            if (with_bitmap) count.bitmap = std::move(dirty);
            return count;
        },
        [](Napi::Env env, DirtyCount& count) { return addon::to_js(env, count); });
}

Napi::Value DomainHandle::disable_dirty_log(const Napi::CallbackInfo& info) {
    return Task<Nothing>::run(
        info.Env(),
        [state = state_] {
            std::lock_guard lock(state->mutex);
            state->log.reset();
            return Nothing{};
        },
        undefined);
}

Napi::Value DomainHandle::claim(const Napi::CallbackInfo& info) {
    return Task<Nothing>::run(
        info.Env(),
        [state = state_, purpose = string_argument(info, 0, "purpose")] {
            std::lock_guard lock(state->mutex);
            auto& domain = state->open_domain("claim");
            if (state->claim) MoveClaim::require_none(domain, "claim");
            state->claim.emplace(domain, purpose);
            return Nothing{};
        },
        undefined);
}

Napi::Value DomainHandle::unclaim(const Napi::CallbackInfo& info) {
    return Task<Nothing>::run(
        info.Env(),
        [state = state_] {
            std::lock_guard lock(state->mutex);
            state->claim.reset();
            return Nothing{};
        },
        undefined);
}

Napi::Value DomainHandle::require_unclaimed(const Napi::CallbackInfo& info) {
    return Task<Nothing>::run(
        info.Env(),
        [state = state_, operation = string_argument(info, 0, "operation")] {
            std::lock_guard lock(state->mutex);
            auto& domain = state->open_domain(operation.c_str());
            if (!state->claim) MoveClaim::require_none(domain, operation.c_str());
            return Nothing{};
        },
        undefined);
}

Napi::Value DomainHandle::close(const Napi::CallbackInfo& info) {
    return Task<Nothing>::run(
        info.Env(),
        [state = state_] {
            std::lock_guard lock(state->mutex);
            state->log.reset();
            state->claim.reset();
            state->domain.reset();
            return Nothing{};
        },
        undefined);
}

}  // namespace vmbuddies::addon
