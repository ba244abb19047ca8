// SPDX-License-Identifier: MIT
#pragma once
#include <napi.h>

#include <functional>
#include <memory>
#include <stop_token>

#include "core/engine.h"

namespace vmbuddies::addon {

/// Makes the engine of one migration, on the migration's own thread: it may block for as long as a connection takes.
using EngineFactory = std::function<std::unique_ptr<Engine>(Engine::Observer observer, std::stop_token stop)>;

/// From NativeMigrationOptions of migration-contract.ts. Error kArgument for what can never work.
EngineFactory process_migration(const Napi::Object& options);

/// The same from NativeXenMigrationOptions.
EngineFactory xen_migration(const Napi::Object& options);

}  // namespace vmbuddies::addon
