// SPDX-License-Identifier: MIT
#include "addon/errors.h"

#include <new>
#include <string>

#include "core/error.h"
#include "core/stats.h"

namespace vmbuddies::addon {
namespace {

Napi::Error make(Napi::Env env, const Error& error) {
    Napi::Error js = Napi::Error::New(env, error.what());
    js.Set("code", std::string("ERR_VMBUDDIES_") + code_name(error.code()));
    js.Set("operation", error.operation());
    js.Set("errno", Napi::Number::New(env, error.errno_value()));
    return js;
}

}  // namespace

Napi::Error to_js_error(Napi::Env env, const std::exception_ptr& failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const MigrationFailed& failed) {
        Napi::Error js = make(env, failed);
        js.Set("where", where_name(failed.where));
        js.Set("state", state_name(failed.state));
        return js;
    } catch (const Error& error) {
        return make(env, error);
    } catch (const std::bad_alloc&) {
        return make(env, Error(ErrorCode::kMemory, "allocate", "this process is out of memory"));
    } catch (const std::exception& error) {
        return make(env, Error(ErrorCode::kSystem, "native", error.what()));
    } catch (...) {
        return make(env, Error(ErrorCode::kSystem, "native", "unknown native failure"));
    }
}

}  // namespace vmbuddies::addon
