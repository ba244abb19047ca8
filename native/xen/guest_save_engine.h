// SPDX-License-Identifier: MIT
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "core/destination.h"
#include "core/migration_options.h"
#include "core/ordered_engine.h"
#include "xen/saved_guest.h"

namespace vmbuddies::xen {

/// The engine that lets libxenguest write the stream: for PV guests the only one there is, for others the baseline.
/// stop_and_copy() before the pseudo-synchropoint takes effect at the end of the round; for the rest see Engine.
class GuestSaveEngine : public OrderedEngine {
   public:
    /// `command`: vmbuddies-xen-save and its arguments. Error kArgument for a rate of 0.
    GuestSaveEngine(std::unique_ptr<SavedGuest> guest, std::vector<std::string> command,
                    std::unique_ptr<Destination> destination, MigrationOptions options, Observer observer);
    ~GuestSaveEngine() override;

   private:
    Outcome run_once(Control& control) override;

    std::unique_ptr<SavedGuest> guest_;
    std::unique_ptr<Destination> destination_;  ///< goes first: its farewell needs no guest
    const std::vector<std::string> command_;
    const MigrationOptions options_;
    const Observer observer_;
};

}  // namespace vmbuddies::xen
