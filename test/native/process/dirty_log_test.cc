// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <sys/wait.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include "host.h"
#include "process/control_block.h"
#include "process/dirty_log.h"
#include "process/guest_memory.h"

namespace vmbuddies::process::test {
namespace {

constexpr std::uint64_t kBytes = std::uint64_t{2} << 20;

/// A replay of a guest, to know which pages it writes between two of its states.
class Replay {
   public:
    explicit Replay(const Workload& workload) { guest_.format(workload); }

    /// The pages that are written on the way to `steps`: header, ledger and data.
    Bitmap go_on(std::uint64_t steps) {
        Bitmap pages(kBytes >> kPageShift);
        while (guest_.header().steps < steps) {
            pages.set(0);
            pages.set(1);
            pages.set(guest_.step());
        }
        return pages;
    }

   private:
    UniqueFd file_ = create_memory_file("test", kBytes);
    Mapping mapping_ = Mapping::shared(file_.get(), kBytes);
    GuestMemory guest_{mapping_.base(), kBytes >> kPageShift, file_.get()};
};

bool same(const Bitmap& a, const Bitmap& b) {
    return std::equal(a.words().begin(), a.words().end(), b.words().begin());
}

bool usable(const std::string& tracker) {
    for (const TrackerProbe& probe : probe_trackers()) {
        if (probe.name == tracker) {
            CHECK_FALSE(probe.reason.empty());
            if (!probe.usable) MESSAGE(tracker << " is left out here: " << probe.reason);
            return probe.usable;
        }
    }
    return false;
}

}  // namespace

TEST_CASE("both trackers report exactly the pages the guest has written") {
    for (const std::string tracker : {"uffd-async", "compare"}) {
        CAPTURE(tracker);
        if (!usable(tracker)) continue;
        const Host host;
        const auto domain = host.start("web", steady(400, 300));
        Replay replay(steady(400, 300));
        domain->suspend(kPatience);
        replay.go_on(domain->info().writes);
        const auto log = DirtyLog::enable(*domain, tracker);
        CHECK(log->tracker() == tracker);
        CHECK(log->count() == 0);
        for (int round = 0; round < 5; ++round) {
            domain->resume();
            REQUIRE(let_write(*domain, 20));
            domain->suspend(kPatience);
            const Bitmap expected = replay.go_on(domain->info().writes);
            CHECK(log->count() == expected.count());
            Bitmap peeked(domain->pages());
            peeked.set_range(0, peeked.size());
            log->peek(0, domain->pages(), peeked);
            CHECK(same(peeked, expected));
            Bitmap part(domain->pages());
            part.set(0);
            part.set(100);
            part.set(200);
            log->peek(100, 200, part);
            CHECK(part.test(0));
            CHECK(part.test(200));
            CHECK(part.count(100, 200) == expected.count(100, 200));
            CHECK(part.count() == expected.count(100, 200) + 2);
            Bitmap cleaned(domain->pages());
            cleaned.set(511);  // free, so never dirty: clean() adds to what is there
            log->clean(cleaned);
            CHECK(cleaned.test(511));
            cleaned.clear(511);
            CHECK(same(cleaned, expected));
            CHECK(log->count() == 0);
        }
    }
}

TEST_CASE("no write of a running guest falls between two looks") {
    for (const std::string tracker : {"uffd-async", "compare"}) {
        CAPTURE(tracker);
        if (!usable(tracker)) continue;
        const Host host;
        Workload workload = steady(400, 300);
        workload.cold_writes_per_second = 50'000;
        const auto domain = host.start("web", workload);
        Replay replay(workload);
        domain->suspend(kPatience);
        replay.go_on(domain->info().writes);
        const auto log = DirtyLog::enable(*domain, tracker);
        Bitmap all(domain->pages());
        std::vector<std::byte> copy(domain->memory(), domain->memory() + kBytes);
        domain->resume();
        for (int round = 0; round < 40; ++round) {
            Bitmap dirty(domain->pages());
            log->clean(dirty);
            all.merge(dirty);
            dirty.for_each_run([&](Pfn first, std::uint64_t count) {
                std::memcpy(copy.data() + (first << kPageShift), domain->memory() + (first << kPageShift),
                            count << kPageShift);
            });
        }
        REQUIRE(let_write(*domain, 1));
        domain->suspend(kPatience);
        Bitmap last(domain->pages());
        log->clean(last);
        last.for_each_run([&](Pfn first, std::uint64_t count) {
            std::memcpy(copy.data() + (first << kPageShift), domain->memory() + (first << kPageShift),
                        count << kPageShift);
        });
        all.merge(last);
        CHECK(std::memcmp(copy.data(), domain->memory(), kBytes) == 0);
        CHECK(same(all, replay.go_on(domain->info().writes)));
    }
}

TEST_CASE("an idle guest dirties nothing") {
    for (const std::string tracker : {"uffd-async", "compare"}) {
        CAPTURE(tracker);
        if (!usable(tracker)) continue;
        const Host host;
        const auto domain = host.start("web", idle());
        const auto log = DirtyLog::enable(*domain, tracker);
        CHECK(domain->verify(kPatience).intact);
        std::this_thread::sleep_for(50ms);
        CHECK(log->count() == 0);
        domain->suspend(kPatience);
        domain->resume();
        CHECK(log->count() == 0);
    }
}

TEST_CASE("pages given back before are no concern of the log") {
    for (const std::string tracker : {"uffd-async", "compare"}) {
        CAPTURE(tracker);
        if (!usable(tracker)) continue;
        const Host host;
        const auto domain = host.start("web", idle());
        domain->balloon(300 << kPageShift, kPatience);
        {
            const auto log = DirtyLog::enable(*domain, tracker);
            CHECK(log->count() == 0);
            CHECK(domain->info().present_bytes == 300 << kPageShift);
            CHECK(error_of([&] { domain->balloon(310 << kPageShift, kPatience); }) == ErrorCode::kState);
        }
        CHECK(domain->balloon(310 << kPageShift, kPatience) == 310 << kPageShift);
        CHECK(DirtyLog::enable(*domain, tracker)->count() == 0);
    }
}

TEST_CASE("a dirty log has one owner, in all processes") {
    const Host host;
    const auto domain = host.start("web", steady());
    auto log = DirtyLog::enable(*domain);
    const auto other = host.open("web");
    try {
        DirtyLog::enable(*other, "compare");
        FAIL("a second owner");
    } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::kDirtyLogBusy);
        CHECK(std::string(error.what()).find(std::to_string(::getpid())) != std::string::npos);
    }
    log.reset();
    log = DirtyLog::enable(*other, "compare");
    log.reset();

    const pid_t owner = ::fork();
    if (owner == 0) {
        const auto kept = DirtyLog::enable(*domain, "compare");
        for (;;) ::pause();
    }
    CHECK(eventually([&] { return domain->control().log_owner_pid.load() == owner; }));
    CHECK(error_of([&] { DirtyLog::enable(*domain, "compare"); }) == ErrorCode::kDirtyLogBusy);
    ::kill(owner, SIGKILL);
    ::waitpid(owner, nullptr, 0);
    CHECK(DirtyLog::enable(*domain, "compare")->count() < 512);
}

TEST_CASE("the log of a guest that died says so") {
    for (const std::string tracker : {"uffd-async", "compare"}) {
        CAPTURE(tracker);
        if (!usable(tracker)) continue;
        const Host host;
        const auto domain = host.start("web", steady());
        const auto log = DirtyLog::enable(*domain, tracker);
        std::thread killer([pid = domain->pid()] {
            std::this_thread::sleep_for(20ms);
            ::kill(pid, SIGKILL);
        });
        Bitmap dirty(domain->pages());
        const ErrorCode code = error_of([&] {
            for (;;) log->clean(dirty);
        });
        killer.join();
        CHECK(code == ErrorCode::kDomainGone);
        CHECK(error_of([&] { log->count(); }) == ErrorCode::kDomainGone);
        CHECK(error_of([&] { log->peek(0, 10, dirty); }) == ErrorCode::kDomainGone);
    }
}

TEST_CASE("the environment picks the tracker where the caller does not") {
    const Host host;
    const auto domain = host.start("web", steady());
    ::setenv("VMBUDDIES_TRACKER", "compare", 1);
    CHECK(DirtyLog::enable(*domain)->tracker() == std::string("compare"));
    ::setenv("VMBUDDIES_TRACKER", "no-such", 1);
    CHECK(error_of([&] { DirtyLog::enable(*domain); }) == ErrorCode::kArgument);
    CHECK(DirtyLog::enable(*domain, "compare")->tracker() == std::string("compare"));
    ::unsetenv("VMBUDDIES_TRACKER");
    CHECK(error_of([&] { DirtyLog::enable(*domain, "no-such"); }) == ErrorCode::kArgument);
    const bool kernel_tracks = usable("uffd-async");
    CHECK(DirtyLog::enable(*domain)->tracker() == std::string(kernel_tracks ? "uffd-async" : "compare"));
}

TEST_CASE("a guest without a userfaultfd is tracked by comparing") {
    const Host host;
    const auto domain = host.start("web", steady());
    domain->control().write_tracking_errno.store(EPERM);
    CHECK(DirtyLog::enable(*domain)->tracker() == std::string("compare"));
    CHECK(error_of([&] { DirtyLog::enable(*domain, "uffd-async"); }) == ErrorCode::kUnavailable);
}

TEST_CASE("an incoming domain has no dirty log") {
    const Host host;
    const auto domain = ProcessDomain::receive(host.registry(), Host::options("web", steady()), std::string(32, 'f'));
    CHECK(error_of([&] { DirtyLog::enable(*domain); }) == ErrorCode::kState);
}

}  // namespace vmbuddies::process::test
