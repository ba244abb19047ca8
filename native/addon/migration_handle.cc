// SPDX-License-Identifier: MIT
#include "addon/migration_handle.h"

#include <atomic>
#include <chrono>
#include <exception>
#include <future>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <variant>

#include "addon/at_exit.h"
#include "addon/channel.h"
#include "addon/convert.h"
#include "addon/environment.h"
#include "addon/errors.h"

namespace vmbuddies::addon {
namespace {

struct StateChange {
    State state;
    std::optional<StopReason> stop_reason;
};
/// The last event of a session: what the promise settles with.
struct Finished {
    Outcome outcome;
    std::exception_ptr failure;
};
using Event = std::variant<Progress, RoundStats, StateChange, Finished>;

/// How long an exiting process waits for its migration to bring the guest back: seconds on a busy Xen host.
constexpr std::chrono::seconds kExitPatience{30};

}  // namespace

/// The thread of one migration and what it shares with the JavaScript side. Commands may come before the engine exists
/// (the connection is still being made); they are kept and given to it then.
class MigrationHandle::Session : public std::enable_shared_from_this<Session> {
   public:
    explicit Session(EngineFactory open_engine) : open_engine_(std::move(open_engine)) {}

    Napi::Value run(Napi::Env env, Napi::Function listener) {
        if (std::exchange(ran_, true)) throw Error(ErrorCode::kState, "run", "this migration has been run before");
        done_.emplace(Napi::Promise::Deferred::New(env));
        channel_ = Channel<Event>::open(
            env, listener, "vmbuddies migration",
            [self = shared_from_this()](Napi::Env env, Napi::Function listener, Event& event) {
                self->deliver(env, listener, event);
            },
            [self = shared_from_this()] {
                self->abandon();  // the environment may end while the loop still runs
                if (self->thread_.joinable()) self->thread_.join();
            });
        at_exit_.emplace([this] {
            abandon();
            ended_.get_future().wait_for(kExitPatience);
        });
        thread_ = std::thread([self = shared_from_this()] { self->loop(); });
        return done_->Promise();
    }

    template <class Command>
    void tell(Command command) {
        std::lock_guard lock(mutex_);
        if (engine_) {
            command(*engine_);
        } else {
            early_.emplace_back(std::move(command));
        }
    }

    void abort() {
        stop_.request_stop();
        tell([](Engine& engine) { engine.abort(); });
    }

    void abandon() {
        stop_.request_stop();
        tell([](Engine& engine) { engine.abandon(); });
    }

    /// An engine that does not exist, or no longer does, has nothing to pledge.
    bool pledge() {
        std::lock_guard lock(mutex_);
        return engine_ != nullptr && engine_->pledge();
    }

   private:
    void loop() {
        auto finished = std::make_unique<Event>(Finished{});
        auto& result = std::get<Finished>(*finished);
        try {
            result.outcome = migrate();
        } catch (const Aborted&) {
            result.outcome.state = State::kAborted;  // before the engine had started: the guest never stopped
            result.outcome.where = Where::kSource;
        } catch (const MigrationFailed&) {
            result.failure = std::current_exception();
        } catch (const Error& error) {
            result.failure = std::make_exception_ptr(MigrationFailed(error, State::kIdle, Where::kSource));
        } catch (...) {
            result.failure = std::current_exception();
        }
        channel_->send(std::move(finished));
        channel_->finish();
        ended_.set_value();
    }

    Outcome migrate() {
        const std::unique_ptr<Engine> engine = open_engine_(observer(), stop_.get_token());
        {
            std::lock_guard lock(mutex_);
            engine_ = engine.get();
            for (auto& command : early_) command(*engine);
            early_.clear();
        }
        // The engine dies with this call: nobody may hold it a moment longer.
        struct Detach {
            Session& session;
            ~Detach() {
                std::lock_guard lock(session.mutex_);
                session.engine_ = nullptr;
            }
        } detach{*this};
        return engine->run();
    }

    Engine::Observer observer() {
        return {
            .progress =
                [this](const Progress& progress) {
                    if (progress_waits_.exchange(true)) {
                        ++dropped_progress_;
                    } else {
                        channel_->send(std::make_unique<Event>(progress));
                    }
                },
            .round = [this](const RoundStats& round) { channel_->send(std::make_unique<Event>(round)); },
            .state =
                [this](State state, const std::optional<StopReason>& reason) {
                    channel_->send(std::make_unique<Event>(StateChange{state, reason}));
                },
        };
    }

    void deliver(Napi::Env env, Napi::Function listener, Event& event) {
        if (auto* finished = std::get_if<Finished>(&event)) return settle(env, listener, *finished);
        Napi::Object object = Napi::Object::New(env);
        if (const auto* progress = std::get_if<Progress>(&event)) {
            progress_waits_ = false;
            object.Set("type", "progress");
            object.Set("progress", to_js(env, *progress));
        } else if (const auto* round = std::get_if<RoundStats>(&event)) {
            object.Set("type", "round");
            object.Set("round", to_js(env, *round));
        } else {
            const auto& change = std::get<StateChange>(event);
            object.Set("type", "state");
            object.Set("state", state_name(change.state));
            object.Set("stopReason", to_js(env, change.stop_reason));
        }
        listener.Call({object});
    }

    /// What a failed migration came to: its promise carries nothing but the error.
    void report_failed(Napi::Env env, Napi::Function listener, const Finished& finished) {
        try {
            std::rethrow_exception(finished.failure);
        } catch (const MigrationFailed& failed) {
            Napi::Object object = Napi::Object::New(env);
            object.Set("type", "failed");
            object.Set("outcome", to_js(env, failed.outcome, dropped_progress_));
            listener.Call({object});
        } catch (...) {
            return;  // it had not begun
        }
    }

    void settle(Napi::Env env, Napi::Function listener, Finished& finished) {
        if (finished.failure) {
            report_failed(env, listener, finished);
            done_->Reject(to_js_error(env, finished.failure).Value());
        } else {
            done_->Resolve(to_js(env, finished.outcome, dropped_progress_));
        }
    }

    const EngineFactory open_engine_;
    bool ran_ = false;
    std::optional<Napi::Promise::Deferred> done_;
    std::shared_ptr<Channel<Event>> channel_;
    std::thread thread_;
    std::promise<void> ended_;
    std::stop_source stop_;
    std::atomic<bool> progress_waits_ = false;
    std::atomic<std::uint64_t> dropped_progress_ = 0;

    std::mutex mutex_;
    Engine* engine_ = nullptr;
    std::vector<std::function<void(Engine&)>> early_;

    std::optional<AtExit> at_exit_;  // from run() on; last, for it uses all of the above
};

Napi::Function MigrationHandle::define(Napi::Env env) {
    return DefineClass(env, "NativeMigration",
                       {
                           InstanceMethod<&MigrationHandle::run>("run"),
                           InstanceMethod<&MigrationHandle::set_rate>("setRate"),
                           InstanceMethod<&MigrationHandle::begin>("begin"),
                           InstanceMethod<&MigrationHandle::catch_up>("catchUp"),
                           InstanceMethod<&MigrationHandle::stop_and_copy>("stopAndCopy"),
                           InstanceMethod<&MigrationHandle::pledge>("pledge"),
                           InstanceMethod<&MigrationHandle::commit>("commit"),
                           InstanceMethod<&MigrationHandle::abort>("abort"),
                       });
}

// JavaScript can get at the constructor; what it makes by itself must fail, not crash.
MigrationHandle::MigrationHandle(const Napi::CallbackInfo& info)
    : Napi::ObjectWrap<MigrationHandle>(info),
      session_(std::make_shared<Session>([](Engine::Observer, std::stop_token) -> std::unique_ptr<Engine> {
          throw Error(ErrorCode::kState, "migrate", "this migration was not opened by openMigration()");
      })) {}

Napi::Value MigrationHandle::wrap(Napi::Env env, EngineFactory open_engine) {
    Napi::Object object = Environment::of(env).migration_class.New({});
    Unwrap(object)->session_ = std::make_shared<Session>(std::move(open_engine));
    return object;
}

Napi::Value MigrationHandle::run(const Napi::CallbackInfo& info) {
    return guarded(info.Env(), [&] { return session_->run(info.Env(), function_argument(info, 0, "onEvent")); });
}

Napi::Value MigrationHandle::set_rate(const Napi::CallbackInfo& info) {
    const std::uint64_t value = rate(number_argument(info, 0, "bytesPerSecond"), info.Env(), "bytesPerSecond");
    session_->tell([value](Engine& engine) { engine.set_rate(value); });
    return info.Env().Undefined();
}

Napi::Value MigrationHandle::begin(const Napi::CallbackInfo& info) {
    session_->tell([](Engine& engine) { engine.begin(); });
    return info.Env().Undefined();
}

Napi::Value MigrationHandle::catch_up(const Napi::CallbackInfo& info) {
    session_->tell([](Engine& engine) { engine.catch_up(); });
    return info.Env().Undefined();
}

Napi::Value MigrationHandle::stop_and_copy(const Napi::CallbackInfo& info) {
    session_->tell([](Engine& engine) { engine.stop_and_copy(); });
    return info.Env().Undefined();
}

Napi::Value MigrationHandle::pledge(const Napi::CallbackInfo& info) {
    return Napi::Boolean::New(info.Env(), session_->pledge());
}

Napi::Value MigrationHandle::commit(const Napi::CallbackInfo& info) {
    session_->tell([](Engine& engine) { engine.commit(); });
    return info.Env().Undefined();
}

Napi::Value MigrationHandle::abort(const Napi::CallbackInfo& info) {
    session_->abort();
    return info.Env().Undefined();
}

}  // namespace vmbuddies::addon
