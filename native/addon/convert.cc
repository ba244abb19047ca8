// SPDX-License-Identifier: MIT
#include "addon/convert.h"

#include <cmath>
#include <cstring>
#include <limits>

namespace vmbuddies::addon {
namespace {

constexpr double kMaxCount = 9007199254740992.0;  // 2^53
/// 100 years, as maxDurationMs in src/model/check.ts: added to the steady clock's nanoseconds it still fits 63 bits.
constexpr double kMaxSeconds = 100 * 365.25 * 24 * 3600;

[[noreturn]] void refuse(Napi::Env env, const std::string& what) {
    Napi::TypeError error = Napi::TypeError::New(env, what);
    error.Set("code", "ERR_VMBUDDIES_ARGUMENT");
    throw error;
}

double checked_number(const Napi::Value& value, const std::string& name) {
    if (!value.IsNumber()) refuse(value.Env(), name + " must be a number");
    return value.As<Napi::Number>().DoubleValue();
}

std::uint64_t checked_count(const Napi::Value& value, const std::string& name) {
    const double number = checked_number(value, name);
    if (!(number >= 0 && number <= kMaxCount) || number != std::floor(number)) {
        refuse(value.Env(), name + " must be a whole number from 0 to 2^53");
    }
    return static_cast<std::uint64_t>(number);
}

std::string checked_string(const Napi::Value& value, const std::string& name) {
    if (!value.IsString()) refuse(value.Env(), name + " must be a string");
    std::string text = value.As<Napi::String>().Utf8Value();
    if (text.find('\0') != std::string::npos) refuse(value.Env(), name + " must not contain NUL");
    return text;
}

bool checked_bool(const Napi::Value& value, const std::string& name) {
    if (!value.IsBoolean()) refuse(value.Env(), name + " must be a boolean");
    return value.As<Napi::Boolean>().Value();
}

const char* workload_kind_name(process::WorkloadKind kind) {
    switch (kind) {
        case process::WorkloadKind::kSteady:
            return "steady";
        case process::WorkloadKind::kOnOff:
            return "on-off";
        case process::WorkloadKind::kWaves:
            return "waves";
        case process::WorkloadKind::kIdle:
            break;
    }
    return "idle";
}

const char* event_kind_name(process::ReceiverEvent::Kind kind) {
    using Kind = process::ReceiverEvent::Kind;
    switch (kind) {
        case Kind::kAccepted:
            return "accepted";
        case Kind::kPrepared:
            return "prepared";
        case Kind::kStarted:
            return "started";
        case Kind::kDropped:
            return "dropped";
        case Kind::kRefused:
            break;
    }
    return "refused";
}

const char* verdict_name(xen::Check::Verdict verdict) {
    switch (verdict) {
        case xen::Check::Verdict::kPass:
            return "pass";
        case xen::Check::Verdict::kNote:
            return "note";
        case xen::Check::Verdict::kFail:
            break;
    }
    return "fail";
}

/// Fills an object property by property; numbers from any arithmetic type.
class Fields {
   public:
    explicit Fields(Napi::Env env) : object_(Napi::Object::New(env)) {}
    Fields& add(const char* name, bool value) {
        object_.Set(name, value);
        return *this;
    }
    Fields& add(const char* name, const std::string& value) {
        object_.Set(name, value);
        return *this;
    }
    Fields& add(const char* name, const char* value) { return add(name, std::string(value)); }
    Fields& add(const char* name, const Napi::Value& value) {
        object_.Set(name, value);
        return *this;
    }
    template <class Number>
    requires std::is_arithmetic_v<Number> Fields& add(const char* name, Number value) {
        object_.Set(name, static_cast<double>(value));
        return *this;
    }
    operator Napi::Value() const { return object_; }

   private:
    Napi::Object object_;
};

Napi::Value to_js(Napi::Env env, const process::Workload& workload) {
    return Fields(env)
        .add("kind", workload_kind_name(workload.kind))
        .add("seed", workload.seed)
        .add("usedPages", workload.used_pages)
        .add("wwsPages", workload.wws_pages)
        .add("hotPages", workload.hot_pages)
        .add("hotWritesPerSecond", workload.hot_writes_per_second)
        .add("coldWritesPerSecond", workload.cold_writes_per_second)
        .add("lowLevel", workload.low_level)
        .add("periodSeconds", workload.period_seconds)
        .add("phase", workload.phase);
}

}  // namespace

Napi::Object object_argument(const Napi::CallbackInfo& info, std::size_t index, const char* name) {
    if (!info[index].IsObject()) refuse(info.Env(), std::string(name) + " must be an object");
    return info[index].As<Napi::Object>();
}

Napi::Function function_argument(const Napi::CallbackInfo& info, std::size_t index, const char* name) {
    if (!info[index].IsFunction()) refuse(info.Env(), std::string(name) + " must be a function");
    return info[index].As<Napi::Function>();
}

std::string string_argument(const Napi::CallbackInfo& info, std::size_t index, const char* name) {
    return checked_string(info[index], name);
}

bool bool_argument(const Napi::CallbackInfo& info, std::size_t index, const char* name) {
    return checked_bool(info[index], name);
}

double number_argument(const Napi::CallbackInfo& info, std::size_t index, const char* name) {
    return checked_number(info[index], name);
}

std::uint64_t count_argument(const Napi::CallbackInfo& info, std::size_t index, const char* name) {
    return checked_count(info[index], name);
}

std::string string_of(const Napi::Object& object, const char* name) { return checked_string(object.Get(name), name); }
bool bool_of(const Napi::Object& object, const char* name) { return checked_bool(object.Get(name), name); }
double number_of(const Napi::Object& object, const char* name) { return checked_number(object.Get(name), name); }
std::uint64_t count_of(const Napi::Object& object, const char* name) { return checked_count(object.Get(name), name); }

std::uint64_t limit_of(const Napi::Object& object, const char* name) {
    const Napi::Value value = object.Get(name);
    if (value.IsNumber() && std::isinf(value.As<Napi::Number>().DoubleValue())) {
        return std::numeric_limits<std::uint64_t>::max();
    }
    return checked_count(value, name);
}

std::string secret_of(const Napi::Object& object, const char* name) {
    if (object.Get(name).IsNull()) return {};
    const std::vector<std::byte> bytes = bytes_of(object, name);
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::vector<std::string> strings_of(const Napi::Object& object, const char* name) {
    const Napi::Value value = object.Get(name);
    if (!value.IsArray()) refuse(object.Env(), std::string(name) + " must be an array of strings");
    const auto array = value.As<Napi::Array>();
    std::vector<std::string> strings;
    for (std::uint32_t i = 0; i < array.Length(); ++i) {
        strings.push_back(checked_string(array.Get(i), std::string(name) + "[" + std::to_string(i) + "]"));
    }
    return strings;
}

std::vector<std::byte> bytes_of(const Napi::Object& object, const char* name) {
    const Napi::Value value = object.Get(name);
    if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array) {
        refuse(object.Env(), std::string(name) + " must be a Uint8Array");
    }
    const auto array = value.As<Napi::Uint8Array>();
    const auto* data = reinterpret_cast<const std::byte*>(array.Data());
    return {data, data + array.ByteLength()};
}

std::chrono::milliseconds duration(double seconds, Napi::Env env, const char* name) {
    if (!(seconds > 0 && seconds <= kMaxSeconds)) {
        refuse(env, std::string(name) + " must be more than 0 seconds and at most 100 years");
    }
    return std::chrono::milliseconds(static_cast<std::int64_t>(std::ceil(seconds * 1000)));
}

std::chrono::milliseconds duration_of(const Napi::Object& object, const char* name) {
    return duration(number_of(object, name), object.Env(), name);
}

std::uint64_t rate(double bytes_per_second, Napi::Env env, const char* name) {
    if (std::isinf(bytes_per_second) && bytes_per_second > 0) return kUnlimited;
    if (!(bytes_per_second >= 1 && bytes_per_second <= kMaxCount)) {
        refuse(env, std::string(name) + " must be at least 1 byte per second");
    }
    return static_cast<std::uint64_t>(bytes_per_second);
}

process::Workload workload_of(const Napi::Object& object) {
    process::Workload workload;
    const std::string kind = string_of(object, "kind");
    if (kind == "idle") {
        workload.kind = process::WorkloadKind::kIdle;
    } else if (kind == "steady") {
        workload.kind = process::WorkloadKind::kSteady;
    } else if (kind == "on-off") {
        workload.kind = process::WorkloadKind::kOnOff;
    } else if (kind == "waves") {
        workload.kind = process::WorkloadKind::kWaves;
    } else {
        refuse(object.Env(), "kind must be idle, steady, on-off or waves");
    }
    workload.seed = count_of(object, "seed");
    workload.used_pages = count_of(object, "usedPages");
    workload.wws_pages = count_of(object, "wwsPages");
    workload.hot_pages = count_of(object, "hotPages");
    workload.hot_writes_per_second = number_of(object, "hotWritesPerSecond");
    workload.cold_writes_per_second = number_of(object, "coldWritesPerSecond");
    workload.low_level = number_of(object, "lowLevel");
    workload.period_seconds = number_of(object, "periodSeconds");
    workload.phase = number_of(object, "phase");
    return workload;
}

Napi::Value to_js(Napi::Env env, const DirtyCount& count) {
    Napi::Value bitmap = env.Null();
    if (count.bitmap) {
        Napi::Uint8Array bytes = Napi::Uint8Array::New(env, (count.bitmap->size() + 7) / 8);
        std::memcpy(bytes.Data(), count.bitmap->words().data(), bytes.ByteLength());
        bitmap = bytes;
    }
    return Fields(env)
        .add("pages", count.pages)
        .add("seconds", count.seconds)
        .add("stallSeconds", count.stall_seconds)
        .add("bitmap", bitmap);
}

Napi::Value to_js(Napi::Env env, const process::TrackerProbe& probe) {
    return Fields(env).add("name", probe.name).add("usable", probe.usable).add("reason", probe.reason);
}

Napi::Value to_js(Napi::Env env, const process::DomainInfo& info) {
    return Fields(env)
        .add("name", info.name)
        .add("uuid", info.uuid)
        .add("pid", info.pid)
        .add("memoryBytes", info.memory_bytes)
        .add("presentBytes", info.present_bytes)
        .add("paused", info.paused)
        .add("ended", info.ended)
        .add("incoming", info.incoming)
        .add("independent", info.independent)
        .add("workload", to_js(env, info.workload))
        .add("writes", info.writes)
        .add("longestStallSeconds", info.longest_stall_seconds)
        .add("lastGapSeconds", info.last_gap_seconds)
        .add("longestGapSeconds", info.longest_gap_seconds)
        .add("corruptPages", info.corrupt_pages);
}

Napi::Value to_js(Napi::Env env, const process::Verification& verification) {
    return Fields(env)
        .add("intact", verification.intact)
        .add("checkedPages", verification.checked_pages)
        .add("writes", verification.writes)
        .add("badPages", verification.bad_pages)
        .add("firstBadPage", verification.first_bad_page)
        .add("message", verification.message);
}

Napi::Value to_js(Napi::Env env, const process::ReceiverEvent& event) {
    return Fields(env)
        .add("kind", event_kind_name(event.kind))
        .add("domain", event.domain)
        .add("peer", event.peer)
        .add("message", event.message)
        .add("bytes", event.bytes)
        .add("times", event.times);
}

Napi::Value to_js(Napi::Env env, const xen::XenDomainInfo& info) {
    return Fields(env)
        .add("domid", info.domid)
        .add("name", info.name)
        .add("uuid", info.uuid)
        .add("type", xen::guest_type_name(info.type))
        .add("state", xen::run_state_name(info.state))
        .add("memoryBytes", info.memory_bytes)
        .add("presentBytes", info.present_bytes)
        .add("targetBytes", info.target_bytes)
        .add("vcpus", info.vcpus)
        .add("cpuSeconds", info.cpu_seconds);
}

Napi::Value to_js(Napi::Env env, const xen::Check& check) {
    const Napi::Value fix = check.fix.empty() ? env.Null() : Napi::String::New(env, check.fix);
    return Fields(env)
        .add("subject", check.subject)
        .add("verdict", verdict_name(check.verdict))
        .add("finding", check.finding)
        .add("fix", fix);
}

Napi::Value to_js(Napi::Env env, const std::optional<xen::GuestMemory>& memory) {
    if (!memory) return env.Null();
    return Fields(env).add("totalBytes", memory->total_bytes).add("freeBytes", memory->free_bytes);
}

Napi::Value to_js(Napi::Env env, const xen::HeldTarget& held) {
    return Fields(env).add("presentBytes", held.present_bytes).add("targetBytes", held.target_bytes);
}

Napi::Value to_js(Napi::Env env, const RoundStats& round) {
    return Fields(env)
        .add("round", round.round)
        .add("kind", round_kind_name(round.kind))
        .add("sentPages", round.sent_pages)
        .add("zeroPages", round.zero_pages)
        .add("skippedPages", round.skipped_pages)
        .add("deferredPages", round.deferred_pages)
        .add("unsentPages", round.unsent_pages)
        .add("dirtiedPages", round.dirtied_pages)
        .add("sentBytes", round.sent_bytes)
        .add("seconds", round.seconds)
        .add("logSeconds", round.log_seconds);
}

Napi::Value to_js(Napi::Env env, const Progress& progress) {
    return Fields(env)
        .add("state", state_name(progress.state))
        .add("round", progress.round)
        .add("roundPages", progress.round_pages)
        .add("roundDonePages", progress.round_done_pages)
        .add("dirtyPages", progress.dirty_pages)
        .add("sentBytes", progress.sent_bytes)
        .add("seconds", progress.seconds);
}

Napi::Value to_js(Napi::Env env, const std::optional<StopReason>& reason) {
    if (!reason) return env.Null();
    return Fields(env).add("rule", reason->rule).add("limit", reason->limit).add("message", reason->message);
}

Napi::Value to_js(Napi::Env env, const Outcome& outcome, std::uint64_t dropped_progress) {
    return Fields(env)
        .add("state", state_name(outcome.state))
        .add("where", where_name(outcome.where))
        .add("stopReason", to_js(env, outcome.stop_reason))
        .add("presentPages", outcome.present_pages)
        .add("sentPages", outcome.sent_pages)
        .add("sentBytes", outcome.sent_bytes)
        .add("totalSeconds", outcome.total_seconds)
        .add("suspendedAt", outcome.suspended_at)
        .add("startedAt", outcome.started_at)
        .add("downtimeSeconds", outcome.downtime_seconds)
        .add("guestGapSeconds", outcome.guest_gap_seconds ? Napi::Number::New(env, *outcome.guest_gap_seconds)
                                                          : env.Null().As<Napi::Value>())
        .add("overran", outcome.overran)
        .add("rounds", to_js(env, outcome.rounds))
        .add("droppedProgress", dropped_progress);
}

}  // namespace vmbuddies::addon
