// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <cstring>
#include <map>

#include "host.h"
#include "process/data_ranges.h"
#include "process/digest.h"
#include "process/guest_memory.h"
#include "process/replay.h"

namespace vmbuddies::process::test {
namespace {

constexpr std::uint64_t kBytes = std::uint64_t{2} << 20;
constexpr Pfn kPages = kBytes >> kPageShift;

struct Memory {
    UniqueFd file = create_memory_file("test", kBytes);
    Mapping mapping = Mapping::shared(file.get(), kBytes);
    GuestMemory guest{mapping.base(), kPages, file.get()};

    explicit Memory(const Workload& workload) { guest.format(workload); }
    std::byte* page(Pfn pfn) const { return mapping.base() + (pfn << kPageShift); }
    std::uint64_t digest() const { return digest_memory(file.get(), mapping.base(), kPages); }
    std::uint64_t present() const {
        std::uint64_t pages = 0;
        for_each_data_range(file.get(), 0, kPages, [&](Pfn, std::uint64_t count) { pages += count; });
        return pages;
    }
};

}  // namespace

TEST_CASE("a new guest has every page present and every used page intact") {
    const Memory memory(steady());
    CHECK(bookkeeping_pages(kBytes) == 2);
    CHECK(memory.present() == kPages);
    CHECK(memory.guest.mismatch(steady()) == nullptr);
    CHECK(memory.guest.header().writes == 298);
    for (Pfn page = memory.guest.first_data(); page < kPages; ++page) CHECK(memory.guest.check(page));
    CHECK(memory.guest.version(299) == 1);
    CHECK(memory.guest.version(300) == GuestMemory::kFree);
}

TEST_CASE("steps stay in the working set, keep to the hot share and add up") {
    Memory memory(steady());
    std::map<Pfn, std::uint32_t> writes;
    for (int i = 0; i < 10'000; ++i) writes[memory.guest.step()]++;
    CHECK(writes.begin()->first == 2);
    CHECK(writes.rbegin()->first == 65);
    std::uint64_t hot = 0;
    std::uint64_t sum = 0;
    for (const auto& [page, count] : writes) {
        if (page < 2 + 16) hot += count;
        CHECK(memory.guest.version(page) == count + 1);
    }
    for (Pfn page = 2; page < 300; ++page) sum += memory.guest.version(page);
    CHECK(hot == doctest::Approx(7500).epsilon(0.03));
    CHECK(memory.guest.header().steps == 10'000);
    CHECK(memory.guest.header().writes == sum);
    CHECK(memory.guest.header().corrupt_pages == 0);
}

TEST_CASE("the state after n steps is a function of size, workload and n") {
    Memory memory(steady());
    CHECK(memory.digest() == replay_digest(kBytes, steady(), 0, kBytes));
    for (int i = 0; i < 500; ++i) memory.guest.step();
    memory.guest.header().pacing = {123'456'789, 0.5};
    CHECK(memory.digest() == replay_digest(kBytes, steady(), 500, kBytes));
    CHECK(memory.digest() != replay_digest(kBytes, steady(), 501, kBytes));
    Workload other = steady();
    other.seed++;
    CHECK(memory.digest() != replay_digest(kBytes, other, 500, kBytes));
}

TEST_CASE("a digest takes a hole for zeros, leaves it a hole, and sees a bit and a place") {
    Memory memory(steady());
    const std::uint64_t before = memory.digest();
    memory.page(299)[4095] ^= std::byte{1};
    CHECK(memory.digest() != before);
    memory.page(299)[4095] ^= std::byte{1};
    CHECK(memory.digest() == before);

    std::memset(memory.page(400), 0, kPageSize);
    const std::uint64_t zeros = memory.digest();
    while (!memory.guest.balloon(401)) {
    }
    const std::uint64_t ballooned = memory.digest();
    CHECK(ballooned != zeros);
    while (!memory.guest.balloon(400)) {
    }
    memory.guest.header().present_pages = 401;
    CHECK(memory.digest() == ballooned);
    CHECK(memory.present() == 400);

    std::byte swap[kPageSize];
    std::memcpy(swap, memory.page(10), kPageSize);
    std::memcpy(memory.page(10), memory.page(11), kPageSize);
    std::memcpy(memory.page(11), swap, kPageSize);
    CHECK(memory.digest() != ballooned);
}

TEST_CASE("ballooning gives back the last free pages and takes them again as they were") {
    Memory memory(steady());
    const std::uint64_t full = memory.digest();
    while (!memory.guest.balloon(300)) {
    }
    CHECK(memory.present() == 300);
    CHECK(memory.digest() == replay_digest(kBytes, steady(), 0, 300 << kPageShift));
    while (!memory.guest.balloon(kPages)) {
    }
    CHECK(memory.present() == kPages);
    CHECK(memory.digest() == full);
}

TEST_CASE("a step finds a page that was lost or is stale, once") {
    Workload workload = steady();
    workload.wws_pages = workload.hot_pages = 1;
    workload.cold_writes_per_second = 0;
    Memory memory(workload);
    std::byte old[kPageSize];
    std::memcpy(old, memory.page(2), kPageSize);
    memory.guest.step();
    SUBCASE("an old page") { std::memcpy(memory.page(2), old, kPageSize); }
    SUBCASE("a page of zeros") { std::memset(memory.page(2), 0, kPageSize); }
    SUBCASE("one bit") { memory.page(2)[1234] ^= std::byte{0x10}; }
    SUBCASE("a ledger entry of zero") { std::memset(memory.page(1), 0, kPageSize); }
    SUBCASE("a ledger entry of free") { std::memset(memory.page(1), 0xFF, kPageSize); }
    memory.guest.step();
    CHECK(memory.guest.header().corrupt_pages == 1);
    CHECK(memory.guest.header().first_corrupt_page == 2);
    memory.guest.step();
    CHECK(memory.guest.header().corrupt_pages == 1);
}

TEST_CASE("memory that is not this guest's is told apart") {
    Memory memory(steady());
    CHECK(memory.guest.mismatch(idle()) != nullptr);
    memory.guest.header().present_pages = kPages + 1;
    CHECK(memory.guest.mismatch(steady()) != nullptr);
    memory.guest.header().present_pages = kPages;
    memory.guest.header().pages--;
    CHECK(memory.guest.mismatch(steady()) != nullptr);
    std::memset(memory.page(0), 0, kPageSize);
    CHECK(memory.guest.mismatch(steady()) != nullptr);
}

TEST_CASE("replay refuses what no guest could be") {
    const auto refused = [](std::uint64_t steps, const Workload& workload, std::uint64_t present) {
        return error_of([&] { replay_digest(kBytes, workload, steps, present); });
    };
    CHECK(refused(1, idle(), kBytes) == ErrorCode::kArgument);
    CHECK(refused(0, steady(), kBytes + kPageSize) == ErrorCode::kArgument);
    CHECK(refused(0, steady(), 299 << kPageShift) == ErrorCode::kArgument);
}

}  // namespace vmbuddies::process::test
