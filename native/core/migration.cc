// SPDX-License-Identifier: MIT
#include "migration.h"

#include <utility>

#include "domain_rounds.h"

namespace vmbuddies {

Migration::Migration(Domain& domain, Destination& destination, MigrationOptions options, Observer observer)
    : OrderedEngine(options.bytes_per_second),
      domain_(domain),
      destination_(destination),
      options_(std::move(options)),
      observer_(std::move(observer)) {}

Outcome Migration::run_once(Control& control) {
    return DomainRounds(domain_, destination_, options_, observer_, control).run();
}

}  // namespace vmbuddies
