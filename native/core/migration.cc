// SPDX-License-Identifier: MIT
#include "migration.h"

#include <sys/prctl.h>

#include <utility>

#include "migration_loop.h"

namespace vmbuddies {
namespace {

// The kernel delays a thread's timers by 50 us to save power; a paced loop waits thousands of times a second.
class PreciseTimers {
   public:
    PreciseTimers() noexcept { ::prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL); }
    ~PreciseTimers() { ::prctl(PR_SET_TIMERSLACK, static_cast<unsigned long>(before_), 0UL, 0UL, 0UL); }
    PreciseTimers(const PreciseTimers&) = delete;
    PreciseTimers& operator=(const PreciseTimers&) = delete;

   private:
    const int before_ = ::prctl(PR_GET_TIMERSLACK, 0UL, 0UL, 0UL, 0UL);
};

}  // namespace

Migration::Migration(Domain& domain, Destination& destination, MigrationOptions options, Observer observer)
    : domain_(domain),
      destination_(destination),
      options_(std::move(options)),
      observer_(std::move(observer)),
      control_(options_.bytes_per_second) {}

Outcome Migration::run() {
    if (started_.exchange(true)) throw Error(ErrorCode::kState, "migrate", "A migration can be run only once.");
    const PreciseTimers precise_timers;
    return MigrationLoop(domain_, destination_, options_, observer_, control_).run();
}

void Migration::set_rate(std::uint64_t bytes_per_second) { control_.set_rate(bytes_per_second); }
void Migration::catch_up() { control_.catch_up(); }
void Migration::stop_and_copy() { control_.stop_and_copy(); }
void Migration::commit() { control_.commit(); }
void Migration::abort() { control_.abort(); }

}  // namespace vmbuddies
