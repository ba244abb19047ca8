// SPDX-License-Identifier: MIT
#include "addon/migration_handle.h"

#include <atomic>
#include <exception>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <variant>

#include "addon/channel.h"
#include "addon/convert.h"
#include "addon/errors.h"
#include "core/migration.h"
#include "process/process_destination.h"
#include "process/process_source.h"

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

struct SessionOptions {
    std::string registry;
    std::string domain;
    std::string tracker;
    process::ProcessDestination::Options destination;
    MigrationOptions migration;
};

SessionOptions options_of(const Napi::Object& object) {
    SessionOptions options;
    options.registry = string_of(object, "registry");
    options.domain = string_of(object, "domain");
    options.tracker = string_of(object, "tracker");
    options.destination.host = string_of(object, "host");
    const std::uint64_t port = count_of(object, "port");
    if (port == 0 || port > 65535) {
        throw Error(ErrorCode::kArgument, "migrate", "port must be from 1 to 65535, not " + std::to_string(port));
    }
    options.destination.port = static_cast<std::uint16_t>(port);
    options.destination.connect_timeout = duration_of(object, "connectTimeoutSeconds");
    options.destination.stall_timeout = duration_of(object, "stallTimeoutSeconds");
    const std::string rule = string_of(object, "stopRule");
    auto stop_rule = stop_rule_by_name(rule);
    if (!stop_rule) throw Error(ErrorCode::kArgument, "migrate", "there is no stop rule called \"" + rule + "\"");
    options.migration.stop_rule = *std::move(stop_rule);
    const double downtime = number_of(object, "downtimeSeconds");
    if (downtime > 0) options.migration.stop_rule.downtime_seconds = downtime;
    options.migration.bytes_per_second = rate(number_of(object, "bytesPerSecond"), object.Env(), "bytesPerSecond");
    options.migration.hold_at_synchropoint = bool_of(object, "holdAtSynchropoint");
    options.migration.hold_when_prepared = bool_of(object, "holdWhenPrepared");
    options.migration.suspend_timeout = duration_of(object, "suspendTimeoutSeconds");
    options.migration.zero_pages = ZeroPages::kAlways;  // our own receiver clears such a page
    return options;
}

}  // namespace

/// The thread of one migration and what it shares with the JavaScript side. Commands may come before the engine exists
/// (the connection is still being made); they are kept and given to it then.
class MigrationHandle::Session : public std::enable_shared_from_this<Session> {
   public:
    explicit Session(SessionOptions options) : options_(std::move(options)) {}

    Napi::Value run(Napi::Env env, Napi::Function listener) {
        if (std::exchange(ran_, true)) throw Error(ErrorCode::kState, "run", "this migration has been run before");
        done_.emplace(Napi::Promise::Deferred::New(env));
        channel_ = Channel<Event>::open(
            env, listener, "vmbuddies migration",
            [self = shared_from_this()](Napi::Env env, Napi::Function listener, Event& event) {
                self->deliver(env, listener, event);
            },
            [self = shared_from_this()] {
                self->abort();  // the environment may end while the loop still runs
                if (self->thread_.joinable()) self->thread_.join();
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
        tell([](Migration& engine) { engine.abort(); });
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
    }

    Outcome migrate() {
        auto domain = process::ProcessDomain::open(options_.registry, options_.domain);
        const process::DomainInfo info = domain->info();
        process::ProcessSource source(std::move(domain), options_.tracker);
        const auto destination = process::ProcessDestination::connect(options_.destination, info, stop_.get_token());
        Migration engine(source, *destination, options_.migration, observer());
        {
            std::lock_guard lock(mutex_);
            engine_ = &engine;
            for (auto& command : early_) command(engine);
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
        return engine.run();
    }

    Migration::Observer observer() {
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
        if (auto* finished = std::get_if<Finished>(&event)) return settle(env, *finished);
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

    void settle(Napi::Env env, Finished& finished) {
        if (finished.failure) {
            done_->Reject(to_js_error(env, finished.failure).Value());
        } else {
            done_->Resolve(to_js(env, finished.outcome, dropped_progress_));
        }
    }

    const SessionOptions options_;
    bool ran_ = false;
    std::optional<Napi::Promise::Deferred> done_;
    std::shared_ptr<Channel<Event>> channel_;
    std::thread thread_;
    std::stop_source stop_;
    std::atomic<bool> progress_waits_ = false;
    std::atomic<std::uint64_t> dropped_progress_ = 0;

    std::mutex mutex_;
    Migration* engine_ = nullptr;
    std::vector<std::function<void(Migration&)>> early_;
};

Napi::Function MigrationHandle::define(Napi::Env env) {
    return DefineClass(env, "NativeMigration",
                       {
                           InstanceMethod<&MigrationHandle::run>("run"),
                           InstanceMethod<&MigrationHandle::set_rate>("setRate"),
                           InstanceMethod<&MigrationHandle::catch_up>("catchUp"),
                           InstanceMethod<&MigrationHandle::stop_and_copy>("stopAndCopy"),
                           InstanceMethod<&MigrationHandle::commit>("commit"),
                           InstanceMethod<&MigrationHandle::abort>("abort"),
                       });
}

MigrationHandle::MigrationHandle(const Napi::CallbackInfo& info) : Napi::ObjectWrap<MigrationHandle>(info) {
    guarded(info.Env(), [&] { session_ = std::make_shared<Session>(options_of(object_argument(info, 0, "options"))); });
}

Napi::Value MigrationHandle::run(const Napi::CallbackInfo& info) {
    return guarded(info.Env(), [&] { return session_->run(info.Env(), function_argument(info, 0, "onEvent")); });
}

Napi::Value MigrationHandle::set_rate(const Napi::CallbackInfo& info) {
    const std::uint64_t value = rate(number_argument(info, 0, "bytesPerSecond"), info.Env(), "bytesPerSecond");
    session_->tell([value](Migration& engine) { engine.set_rate(value); });
    return info.Env().Undefined();
}

Napi::Value MigrationHandle::catch_up(const Napi::CallbackInfo& info) {
    session_->tell([](Migration& engine) { engine.catch_up(); });
    return info.Env().Undefined();
}

Napi::Value MigrationHandle::stop_and_copy(const Napi::CallbackInfo& info) {
    session_->tell([](Migration& engine) { engine.stop_and_copy(); });
    return info.Env().Undefined();
}

Napi::Value MigrationHandle::commit(const Napi::CallbackInfo& info) {
    session_->tell([](Migration& engine) { engine.commit(); });
    return info.Env().Undefined();
}

Napi::Value MigrationHandle::abort(const Napi::CallbackInfo& info) {
    session_->abort();
    return info.Env().Undefined();
}

}  // namespace vmbuddies::addon
