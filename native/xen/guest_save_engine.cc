// SPDX-License-Identifier: MIT
#include "xen/guest_save_engine.h"

#include <utility>

#include "xen/guest_save_rounds.h"

namespace vmbuddies::xen {

GuestSaveEngine::GuestSaveEngine(std::unique_ptr<SavedGuest> guest, std::vector<std::string> command,
                                 std::unique_ptr<Destination> destination, MigrationOptions options, Observer observer)
    : OrderedEngine(options.bytes_per_second),
      guest_(std::move(guest)),
      destination_(std::move(destination)),
      command_(std::move(command)),
      options_(std::move(options)),
      observer_(std::move(observer)) {}

GuestSaveEngine::~GuestSaveEngine() = default;

Outcome GuestSaveEngine::run_once(Control& control) {
    return GuestSaveRounds(*guest_, command_, *destination_, options_, observer_, control).run();
}

}  // namespace vmbuddies::xen
