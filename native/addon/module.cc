// SPDX-License-Identifier: MIT
#include <napi.h>

#include <sys/file.h>

#include <cerrno>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "addon/convert.h"
#include "addon/domain_handle.h"
#include "addon/environment.h"
#include "addon/errors.h"
#include "addon/migration_handle.h"
#include "addon/migration_options.h"
#include "addon/receiver_handle.h"
#include "addon/stop_rules.h"
#include "addon/task.h"
#include "addon/xen_domain_handle.h"
#include "process/receiver_query.h"
#include "process/replay.h"
#include "xen/xen_domain.h"

// The calls of src/native/contract.ts, in its order.
namespace vmbuddies::addon {
namespace {

Napi::Value probe_trackers(const Napi::CallbackInfo& info) {
    return Task<std::vector<process::TrackerProbe>>::run(
        info.Env(), [] { return process::probe_trackers(); },
        [](Napi::Env env, std::vector<process::TrackerProbe>& probes) { return to_js(env, probes); });
}

Napi::Value list_domains(const Napi::CallbackInfo& info) {
    const std::string registry = string_argument(info, 0, "registry");
    return guarded(info.Env(), [&] { return to_js(info.Env(), process::ProcessDomain::list(registry)); });
}

Napi::Value start_domain(const Napi::CallbackInfo& info) {
    const Napi::Object object = object_argument(info, 1, "options");
    const Napi::Value workload = object.Get("workload");
    if (!workload.IsObject()) throw Napi::TypeError::New(info.Env(), "workload must be an object");
    process::StartOptions options;
    options.name = string_of(object, "name");
    options.memory_bytes = count_of(object, "memoryBytes");
    options.workload = workload_of(workload.As<Napi::Object>());
    options.independent = bool_of(object, "independent");
    options.guest_program = string_of(object, "guestProgram");
    using Domain = std::unique_ptr<process::ProcessDomain>;
    return Task<Domain>::run(
        info.Env(),
        [registry = string_argument(info, 0, "registry"), options = std::move(options)] {
            return process::ProcessDomain::start(registry, options);
        },
        [](Napi::Env env, Domain& domain) { return DomainHandle::wrap(env, std::move(domain)); });
}

Napi::Value open_domain(const Napi::CallbackInfo& info) {
    const std::string registry = string_argument(info, 0, "registry");
    const std::string name = string_argument(info, 1, "name");
    return guarded(info.Env(),
                   [&] { return DomainHandle::wrap(info.Env(), process::ProcessDomain::open(registry, name)); });
}

Napi::Value replay_digest(const Napi::CallbackInfo& info) {
    const std::uint64_t memory_bytes = count_argument(info, 0, "memoryBytes");
    const process::Workload workload = workload_of(object_argument(info, 1, "workload"));
    const std::uint64_t writes = count_argument(info, 2, "writes");
    const std::uint64_t present_bytes = count_argument(info, 3, "presentBytes");
    return Task<std::uint64_t>::run(
        info.Env(), [=] { return process::replay_digest(memory_bytes, workload, writes, present_bytes); },
        [](Napi::Env env, std::uint64_t& digest) { return Napi::BigInt::New(env, digest); });
}

Napi::Value open_migration(const Napi::CallbackInfo& info) {
    return guarded(info.Env(), [&] {
        return MigrationHandle::wrap(info.Env(), process_migration(object_argument(info, 0, "options")));
    });
}

Napi::Value open_receiver(const Napi::CallbackInfo& info) {
    return Environment::of(info.Env()).receiver_class.New({info[0], info[1]});
}

/// One Place, by a call that may block for a while.
Napi::Value query(const Napi::CallbackInfo& info,
                  const std::function<process::Place(const process::ReceiverQuery&)>& ask) {
    const Napi::Object object = object_argument(info, 0, "query");
    const std::uint64_t port = count_of(object, "port");
    process::ReceiverQuery query;
    query.host = string_of(object, "host");
    query.secret = secret_of(object, "secret");
    query.uuid = string_of(object, "uuid");
    query.ago = std::chrono::milliseconds(count_of(object, "agoMs"));
    query.timeout = duration_of(object, "timeoutSeconds");
    return guarded(info.Env(), [&] {
        if (port == 0 || port > 65535) {
            throw Error(ErrorCode::kArgument, "ask", "port must be from 1 to 65535, not " + std::to_string(port));
        }
        query.port = static_cast<std::uint16_t>(port);
        return Task<process::Place>::run(
            info.Env(), [query = std::move(query), ask] { return ask(query); },
            [](Napi::Env env, process::Place& place) { return Napi::String::New(env, process::place_name(place)); });
    });
}

Napi::Value ask_receiver(const Napi::CallbackInfo& info) {
    return query(info, [](const process::ReceiverQuery& query) { return process::ask_receiver(query, {}); });
}

Napi::Value restore_memory(const Napi::CallbackInfo& info) {
    return query(info, [bytes = count_argument(info, 1, "bytes")](const process::ReceiverQuery& query) {
        return process::restore_memory(query, bytes, {});
    });
}

/// flock(), which Node does not have: whether the lock could be had at once. It belongs to the open file description.
Napi::Value try_lock(const Napi::CallbackInfo& info) {
    const auto descriptor = static_cast<int>(count_argument(info, 0, "descriptor"));
    const bool exclusive = bool_argument(info, 1, "exclusive");
    return guarded(info.Env(), [&] {
        while (::flock(descriptor, (exclusive ? LOCK_EX : LOCK_SH) | LOCK_NB) != 0) {
            if (errno == EWOULDBLOCK) return Napi::Boolean::New(info.Env(), false);
            if (errno != EINTR) throw Error::system("lock", "The file cannot be locked", errno);
        }
        return Napi::Boolean::New(info.Env(), true);
    });
}

Napi::Value probe_xen(const Napi::CallbackInfo& info) {
    return guarded(info.Env(), [&] {
        const std::string reason = xen::xen_unavailable();
        Napi::Object probe = Napi::Object::New(info.Env());
        probe.Set("usable", reason.empty());
        probe.Set("reason", reason);
        probe.Set("version", xen::xen_version());
        return probe;
    });
}

Napi::Value list_xen_domains(const Napi::CallbackInfo& info) {
    return guarded(info.Env(), [&] { return to_js(info.Env(), xen::list_domains()); });
}

Napi::Value open_xen_domain(const Napi::CallbackInfo& info) {
    const std::string reference = string_argument(info, 0, "reference");
    return guarded(info.Env(), [&] { return XenDomainHandle::wrap(info.Env(), xen::XenDomain::open(reference)); });
}

Napi::Value open_xen_migration(const Napi::CallbackInfo& info) {
    return guarded(info.Env(), [&] {
        return MigrationHandle::wrap(info.Env(), xen_migration(object_argument(info, 0, "options")));
    });
}

Napi::Object init(Napi::Env env, Napi::Object exports) {
    auto environment = std::make_unique<Environment>();
    environment->domain_class = Napi::Persistent(DomainHandle::define(env));
    environment->xen_domain_class = Napi::Persistent(XenDomainHandle::define(env));
    environment->migration_class = Napi::Persistent(MigrationHandle::define(env));
    environment->receiver_class = Napi::Persistent(ReceiverHandle::define(env));
    env.SetInstanceData(environment.release());

    exports.Set("probeTrackers", Napi::Function::New<probe_trackers>(env, "probeTrackers"));
    exports.Set("listDomains", Napi::Function::New<list_domains>(env, "listDomains"));
    exports.Set("startDomain", Napi::Function::New<start_domain>(env, "startDomain"));
    exports.Set("openDomain", Napi::Function::New<open_domain>(env, "openDomain"));
    exports.Set("replayDigest", Napi::Function::New<replay_digest>(env, "replayDigest"));
    exports.Set("openMigration", Napi::Function::New<open_migration>(env, "openMigration"));
    exports.Set("openReceiver", Napi::Function::New<open_receiver>(env, "openReceiver"));
    exports.Set("askReceiver", Napi::Function::New<ask_receiver>(env, "askReceiver"));
    exports.Set("restoreMemory", Napi::Function::New<restore_memory>(env, "restoreMemory"));
    exports.Set("evaluateStopRule", Napi::Function::New<evaluate_stop_rule>(env, "evaluateStopRule"));
    exports.Set("trafficLeft", Napi::Function::New<traffic_left>(env, "trafficLeft"));
    exports.Set("tryLock", Napi::Function::New<try_lock>(env, "tryLock"));
    exports.Set("probeXen", Napi::Function::New<probe_xen>(env, "probeXen"));
    exports.Set("listXenDomains", Napi::Function::New<list_xen_domains>(env, "listXenDomains"));
    exports.Set("openXenDomain", Napi::Function::New<open_xen_domain>(env, "openXenDomain"));
    exports.Set("openXenMigration", Napi::Function::New<open_xen_migration>(env, "openXenMigration"));
    return exports;
}

}  // namespace
}  // namespace vmbuddies::addon

static Napi::Object init_addon(Napi::Env env, Napi::Object exports) { return vmbuddies::addon::init(env, exports); }
NODE_API_MODULE(vmbuddies, init_addon)
