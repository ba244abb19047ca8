// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <signal.h>

#include <cstring>
#include <vector>

#include "host.h"
#include "process/control_block.h"
#include "process/guest_memory.h"
#include "process/replay.h"

namespace vmbuddies::process::test {
namespace {

std::uint64_t replayed(const DomainInfo& info) {
    return replay_digest(info.memory_bytes, info.workload, info.writes, info.present_bytes);
}

}  // namespace

TEST_CASE("a started domain runs, can be found, and is what was asked for") {
    const Host host;
    const auto domain = host.start("web", steady());
    const DomainInfo info = host.open("web")->info();
    CHECK(info.name == "web");
    CHECK(info.uuid.size() == 32);
    CHECK(info.pid == domain->pid());
    CHECK(info.memory_bytes == 2 << 20);
    CHECK(info.present_bytes == 2 << 20);
    CHECK(info.workload.wws_pages == 64);
    CHECK_FALSE(info.paused);
    CHECK_FALSE(info.incoming);
    CHECK_FALSE(info.independent);
    CHECK(info.corrupt_pages == 0);
    CHECK(let_write(*domain, 10));
}

TEST_CASE("a paused guest stands still, and its state is that of a replay") {
    const Host host;
    const auto domain = host.start("web", steady());
    for (int i = 0; i < 5; ++i) {
        REQUIRE(let_write(*domain, 50));
        domain->suspend(kPatience);
        const DomainInfo before = domain->info();
        CHECK(before.paused);
        const std::uint64_t digest = domain->digest();
        std::this_thread::sleep_for(20ms);
        CHECK(domain->info().writes == before.writes);
        CHECK(domain->digest() == digest);
        CHECK(digest == replayed(before));
        domain->resume();
        CHECK_FALSE(domain->info().paused);
    }
}

TEST_CASE("pauses follow each other without a moment between them") {
    const Host host;
    const auto domain = host.start("web", steady());
    for (int i = 0; i < 500; ++i) {
        domain->suspend(kPatience);
        const std::uint64_t writes = reinterpret_cast<volatile GuestHeader*>(domain->memory())->steps;
        CHECK(domain->info().writes == writes);
        CHECK(reinterpret_cast<volatile GuestHeader*>(domain->memory())->steps == writes);
        domain->resume();
    }
    CHECK(let_write(*domain, 1));
}

TEST_CASE("neither a pause nor a stop is made up for by a burst, and a stop is a stall") {
    const Host host;
    const auto domain = host.start("web", steady());
    domain->suspend(kPatience);
    const std::uint64_t running = reinterpret_cast<GuestHeader*>(domain->memory())->pacing.running_nanoseconds;
    std::this_thread::sleep_for(300ms);
    CHECK(reinterpret_cast<GuestHeader*>(domain->memory())->pacing.running_nanoseconds == running);
    domain->resume();
    REQUIRE(let_write(*domain, 1));
    ::kill(domain->pid(), SIGSTOP);
    const std::uint64_t before = domain->info().writes;
    std::this_thread::sleep_for(500ms);
    ::kill(domain->pid(), SIGCONT);
    REQUIRE(let_write(*domain, 1));
    // 500 ms were lost; 50 ms of them at 4000 writes a second may be made up for, and some time has gone by since.
    CHECK(domain->info().writes - before < 1000);
    CHECK(domain->info().longest_stall_seconds > 0.4);
}

TEST_CASE("a hung guest is not suspended, and goes on when it can") {
    const Host host;
    const auto domain = host.start("web", steady());
    ::kill(domain->pid(), SIGSTOP);
    std::this_thread::sleep_for(20ms);
    CHECK(error_of([&] { domain->suspend(100ms); }) == ErrorCode::kSuspend);
    CHECK(error_of([&] { domain->verify(50ms); }) == ErrorCode::kDeadline);
    ::kill(domain->pid(), SIGCONT);
    CHECK(let_write(*domain, 10));
    CHECK_FALSE(domain->info().paused);
    domain->suspend(kPatience);
    CHECK(domain->info().paused);
}

TEST_CASE("a guest that dies is reported and never waited for") {
    const Host host;
    const auto domain = host.start("web", steady());
    const auto other = host.open("web");
    std::thread killer([&] {
        std::this_thread::sleep_for(50ms);
        ::kill(other->pid(), SIGKILL);
    });
    const ErrorCode code = error_of([&] {
        for (;;) {
            domain->suspend(kPatience);
            domain->resume();
        }
    });
    killer.join();
    CHECK(code == ErrorCode::kDomainGone);
    CHECK_FALSE(domain->alive());
    CHECK(error_of([&] { domain->resume(); }) == ErrorCode::kDomainGone);
    CHECK(error_of([&] { domain->verify(kPatience); }) == ErrorCode::kDomainGone);
    CHECK(error_of([&] { domain->balloon(300 << kPageShift, kPatience); }) == ErrorCode::kDomainGone);
    CHECK(error_of([&] { domain->rename("db"); }) == ErrorCode::kDomainGone);
    CHECK(error_of([&] { host.open("web"); }) == ErrorCode::kDomainNotFound);
    CHECK_FALSE(host.has("web"));
    domain->destroy();
}

TEST_CASE("destroy ends the guest, frees its name and may be repeated") {
    const Host host;
    const auto domain = host.start("web", steady());
    domain->destroy();
    CHECK_FALSE(domain->alive());
    CHECK_FALSE(host.has("web"));
    domain->destroy();
    const auto next = host.start("web", steady());
    domain->destroy();
    CHECK(next->alive());
    CHECK(host.has("web"));
}

TEST_CASE("an intact memory is verified while the guest works") {
    const Host host;
    const auto domain = host.start("web", steady());
    for (int i = 0; i < 5; ++i) {
        const Verification verification = domain->verify(kPatience);
        CHECK_MESSAGE(verification.intact, verification.message);
        CHECK(verification.checked_pages == 510);
        CHECK(verification.bad_pages == 0);
        REQUIRE(let_write(*domain, 20));
    }
    domain->suspend(kPatience);
    CHECK(error_of([&] { domain->verify(kPatience); }) == ErrorCode::kState);
}

TEST_CASE("verify finds what was lost or put back behind the guest's back") {
    const Host host;
    const auto domain = host.start("web", steady());
    const auto page = [&](Pfn pfn) { return domain->memory() + (pfn << kPageShift); };
    domain->suspend(kPatience);
    std::vector<std::byte> old(domain->memory(), domain->memory() + domain->info().memory_bytes);
    domain->resume();
    REQUIRE(let_write(*domain, 1000));
    domain->suspend(kPatience);
    const auto put_back = [&](Pfn pfn) { std::memcpy(page(pfn), old.data() + (pfn << kPageShift), kPageSize); };
    std::uint64_t bad = 1;
    Pfn first = 2;
    SUBCASE("a page of zeros that is never written") { std::memset(page(first = 200), 0, kPageSize); }
    SUBCASE("an old page of the working set") { put_back(first); }
    SUBCASE("an old ledger") {
        put_back(1);
        bad = 60;  // of the 64 pages of the working set nearly all were written since
    }
    SUBCASE("an old header") {
        put_back(0);
        bad = 0;
    }
    SUBCASE("a ledger of zeros") {
        std::memset(page(1), 0, kPageSize);
        bad = 400;
    }
    SUBCASE("a header of zeros") {
        std::memset(page(0), 0, kPageSize);
        bad = 200;
    }
    domain->resume();
    const Verification verification = domain->verify(kPatience);
    CHECK_FALSE(verification.intact);
    CHECK(verification.bad_pages >= bad);
    if (bad == 1) CHECK(verification.first_bad_page == first);
    if (bad >= 1) CHECK(domain->info().corrupt_pages >= 1);
    CHECK_FALSE(verification.message.empty());
}

TEST_CASE("ballooning gives memory back and takes it again") {
    const Host host;
    const auto domain = host.start("web", steady());
    CHECK(domain->balloon(320 << kPageShift, kPatience) == 320 << kPageShift);
    CHECK(domain->info().present_bytes == 320 << kPageShift);
    CHECK(domain->verify(kPatience).intact);
    domain->suspend(kPatience);
    CHECK(domain->digest() == replayed(domain->info()));
    CHECK(error_of([&] { domain->balloon(300 << kPageShift, kPatience); }) == ErrorCode::kState);
    domain->resume();
    CHECK(domain->balloon(300 << kPageShift, kPatience) == 300 << kPageShift);
    CHECK(domain->balloon(2 << 20, kPatience) == 2 << 20);
    domain->suspend(kPatience);
    CHECK(domain->digest() == replayed(domain->info()));
    domain->resume();
    CHECK(error_of([&] { domain->balloon(299 << kPageShift, kPatience); }) == ErrorCode::kArgument);
    CHECK(error_of([&] { domain->balloon(4 << 20, kPatience); }) == ErrorCode::kArgument);
    ::kill(domain->pid(), SIGSTOP);
    std::this_thread::sleep_for(20ms);
    CHECK(error_of([&] { domain->balloon(300 << kPageShift, 50ms); }) == ErrorCode::kDeadline);
    ::kill(domain->pid(), SIGCONT);
    REQUIRE(let_write(*domain, 10));
    CHECK(domain->info().present_bytes == 2 << 20);
}

TEST_CASE("an incoming domain waits for its memory, and goes on where the other stopped") {
    const Host source_host;
    const Host host;
    const auto source = source_host.start("web", steady());
    REQUIRE(let_write(*source, 100));
    const auto incoming = ProcessDomain::receive(host.registry(), Host::options("web", steady()), source->info().uuid);
    CHECK(host.has("web--incoming"));
    CHECK(incoming->info().incoming);
    CHECK(incoming->info().paused);
    CHECK(incoming->info().present_bytes == 0);
    CHECK(incoming->info().uuid == source->info().uuid);
    CHECK(error_of([&] { incoming->resume(); }) == ErrorCode::kState);
    CHECK(error_of([&] { incoming->verify(kPatience); }) == ErrorCode::kState);
    CHECK(error_of([&] { host.start("web", steady()); }) == ErrorCode::kDomainExists);
    CHECK(error_of([&] { incoming->check_received(0); }) == ErrorCode::kStream);

    source->suspend(kPatience);
    const std::uint64_t writes = source->info().writes;
    std::memcpy(incoming->memory(), source->memory(), source->info().memory_bytes);
    CHECK(incoming->digest() == source->digest());
    incoming->check_received(writes);
    CHECK(error_of([&] { incoming->check_received(writes + 1); }) == ErrorCode::kStream);
    incoming->release("web", false);
    source->destroy();
    CHECK(incoming->name() == "web");
    CHECK_FALSE(host.has("web--incoming"));
    CHECK(host.has("web"));
    CHECK_FALSE(incoming->info().incoming);
    CHECK(incoming->info().writes >= writes);
    REQUIRE(let_write(*incoming, 100));
    CHECK(incoming->verify(kPatience).intact);
    incoming->suspend(kPatience);
    CHECK(incoming->digest() == replayed(incoming->info()));
    CHECK(error_of([&] { incoming->release("db", false); }) == ErrorCode::kState);
}

TEST_CASE("an incoming guest refuses memory that is not its own") {
    const Host host;
    const auto incoming = ProcessDomain::receive(host.registry(), Host::options("web", steady()), std::string(32, 'a'));
    CHECK(error_of([&] { incoming->release("web", true); }) == ErrorCode::kStream);
    CHECK(eventually([&] { return !incoming->alive(); }));
    CHECK_FALSE(host.has("web"));
}

}  // namespace vmbuddies::process::test
