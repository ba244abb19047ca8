// SPDX-License-Identifier: MIT
#pragma once
#include <napi.h>

#include <exception>
#include <functional>
#include <optional>
#include <utility>

#include "addon/errors.h"

namespace vmbuddies::addon {

/// A call that may block for a while, carried out on a pool thread: `work` makes a Result there, `convert` turns it
/// into a JavaScript value on the JavaScript thread, and the promise settles once. No Napi:: value may be touched in
/// `work`; what it captures must keep itself alive.
template <class Result>
class Task : public Napi::AsyncWorker {
   public:
    using Work = std::function<Result()>;
    using Convert = std::function<Napi::Value(Napi::Env, Result&)>;

    static Napi::Value run(Napi::Env env, Work work, Convert convert) {
        auto* task = new Task(env, std::move(work), std::move(convert));
        Napi::Promise promise = task->done_.Promise();
        task->Queue();  // deletes itself when it is done
        return promise;
    }

   protected:
    void Execute() override {
        try {
            result_.emplace(work_());
        } catch (...) {
            failure_ = std::current_exception();
        }
    }

    void OnOK() override {
        Napi::HandleScope scope(Env());
        if (failure_) {
            done_.Reject(to_js_error(Env(), failure_).Value());
        } else {
            done_.Resolve(convert_(Env(), *result_));
        }
    }

    void OnError(const Napi::Error& error) override { done_.Reject(error.Value()); }

   private:
    Task(Napi::Env env, Work work, Convert convert)
        : Napi::AsyncWorker(env),
          done_(Napi::Promise::Deferred::New(env)),
          work_(std::move(work)),
          convert_(std::move(convert)) {}

    Napi::Promise::Deferred done_;
    Work work_;
    Convert convert_;
    std::optional<Result> result_;
    std::exception_ptr failure_;
};

/// For work without a result.
struct Nothing {};
inline Napi::Value undefined(Napi::Env env, Nothing&) { return env.Undefined(); }

}  // namespace vmbuddies::addon
