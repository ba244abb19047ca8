// SPDX-License-Identifier: MIT
#pragma once
#include <napi.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/bitmap.h"
#include "core/stats.h"
#include "core/stop_rule.h"
#include "process/dirty_log.h"
#include "process/process_domain.h"
#include "process/receiver.h"
#include "xen/xen_domain.h"

/// Plain data across the boundary, both ways. The shapes are those of src/native/contract.ts. Reading a property that
/// is missing or of another type throws TypeError with code ERR_VMBUDDIES_ARGUMENT, naming it.
namespace vmbuddies::addon {

/// What one look at a dirty log brought.
struct DirtyCount {
    std::uint64_t pages = 0;
    double seconds = 0;
    double stall_seconds = 0;
    std::optional<Bitmap> bitmap;
};

Napi::Object object_argument(const Napi::CallbackInfo& info, std::size_t index, const char* name);
Napi::Function function_argument(const Napi::CallbackInfo& info, std::size_t index, const char* name);
std::string string_argument(const Napi::CallbackInfo& info, std::size_t index, const char* name);
bool bool_argument(const Napi::CallbackInfo& info, std::size_t index, const char* name);
double number_argument(const Napi::CallbackInfo& info, std::size_t index, const char* name);
/// A whole number from 0 to 2^53.
std::uint64_t count_argument(const Napi::CallbackInfo& info, std::size_t index, const char* name);

std::string string_of(const Napi::Object& object, const char* name);
bool bool_of(const Napi::Object& object, const char* name);
double number_of(const Napi::Object& object, const char* name);
std::uint64_t count_of(const Napi::Object& object, const char* name);
/// The same, or Infinity: the largest there is.
std::uint64_t limit_of(const Napi::Object& object, const char* name);
/// A Uint8Array; null is an empty one.
std::string secret_of(const Napi::Object& object, const char* name);
std::vector<std::string> strings_of(const Napi::Object& object, const char* name);
/// From a Uint8Array.
std::vector<std::byte> bytes_of(const Napi::Object& object, const char* name);
/// Seconds, 0 < s <= 1e6, as milliseconds.
std::chrono::milliseconds duration_of(const Napi::Object& object, const char* name);
std::chrono::milliseconds duration(double seconds, Napi::Env env, const char* name);
/// Bytes per second; Infinity is kUnlimited.
std::uint64_t rate(double bytes_per_second, Napi::Env env, const char* name);

process::Workload workload_of(const Napi::Object& object);

Napi::Value to_js(Napi::Env env, const DirtyCount& count);
Napi::Value to_js(Napi::Env env, const process::TrackerProbe& probe);
Napi::Value to_js(Napi::Env env, const process::DomainInfo& info);
Napi::Value to_js(Napi::Env env, const process::Verification& verification);
Napi::Value to_js(Napi::Env env, const process::ReceiverEvent& event);
Napi::Value to_js(Napi::Env env, const xen::XenDomainInfo& info);
Napi::Value to_js(Napi::Env env, const xen::Check& check);
Napi::Value to_js(Napi::Env env, const std::optional<xen::GuestMemory>& memory);
Napi::Value to_js(Napi::Env env, const xen::HeldTarget& held);
Napi::Value to_js(Napi::Env env, const RoundStats& round);
Napi::Value to_js(Napi::Env env, const Progress& progress);
Napi::Value to_js(Napi::Env env, const std::optional<StopReason>& reason);
Napi::Value to_js(Napi::Env env, const Outcome& outcome, std::uint64_t dropped_progress);

template <class Item>
Napi::Value to_js(Napi::Env env, const std::vector<Item>& items) {
    Napi::Array array = Napi::Array::New(env, items.size());
    for (std::uint32_t i = 0; i < items.size(); ++i) array[i] = to_js(env, items[i]);
    return array;
}

}  // namespace vmbuddies::addon
