// SPDX-License-Identifier: MIT
#pragma once
#include "destination.h"
#include "domain.h"
#include "migration_options.h"
#include "ordered_engine.h"

namespace vmbuddies {

/// The engine of our own: the round loop over a Domain and a Destination.
class Migration : public OrderedEngine {
   public:
    using Observer = Engine::Observer;

    /// Error kArgument for a rate of 0. The domain and the destination must outlive this.
    Migration(Domain& domain, Destination& destination, MigrationOptions options, Observer observer);

   private:
    Outcome run_once(Control& control) override;

    Domain& domain_;
    Destination& destination_;
    const MigrationOptions options_;
    const Observer observer_;
};

}  // namespace vmbuddies
