// SPDX-License-Identifier: MIT
#pragma once
#include <memory>
#include <utility>

#include "migration.h"

namespace vmbuddies {

/// A Migration together with what it works on.
class OwnedMigration : public Migration {
   public:
    OwnedMigration(std::unique_ptr<Domain> domain, std::unique_ptr<Destination> destination, MigrationOptions options,
                   Observer observer)
        : Migration(*domain, *destination, std::move(options), std::move(observer)),
          domain_(std::move(domain)),
          destination_(std::move(destination)) {}

   private:
    std::unique_ptr<Domain> domain_;
    std::unique_ptr<Destination> destination_;  ///< goes first: its farewell needs no domain
};

}  // namespace vmbuddies
