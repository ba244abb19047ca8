// SPDX-License-Identifier: MIT
#include "process/incoming_memory.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <string>

#include "caught.h"
#include "process/data_ranges.h"
#include "process/memory_file.h"

namespace vmbuddies::process {
namespace {

using namespace test;
using namespace std::chrono_literals;

constexpr Pfn kPages = 4096;

struct Memory {
    UniqueFd file = create_memory_file("incoming-test", kPages* kPageSize);
    Mapping mapping = Mapping::shared(file.get(), kPages* kPageSize);
    IncomingMemory incoming{file.get(), {mapping.base(), mapping.bytes()}};

    std::uint64_t present_pages() const {
        std::uint64_t pages = 0;
        for_each_data_range(file.get(), 0, kPages, [&](Pfn, std::uint64_t count) { pages += count; });
        return pages;
    }
};

TEST_CASE("pages are placed where they lie in the guest, and no others are allocated") {
    Memory memory;
    std::byte* place = memory.incoming.place(7, 3);
    CHECK(place == memory.mapping.base() + 7 * kPageSize);
    CHECK(memory.present_pages() == 3);
    memory.incoming.place(8, 4);
    CHECK(memory.present_pages() == 5);
    memory.incoming.place(kPages - 1, 1);
    CHECK(memory.present_pages() == 6);
}

TEST_CASE("memory secured ahead is there, up to what was asked for") {
    Memory memory;
    memory.incoming.secure_ahead(3000 * kPageSize, 10s, {});
    CHECK(memory.present_pages() == 3000);
    memory.incoming.secure_ahead(UINT64_MAX, 10s, {});
    CHECK(memory.present_pages() == kPages);
}

TEST_CASE("securing ahead ends when its time is up, and on a stop") {
    Memory memory;
    memory.incoming.secure_ahead(UINT64_MAX, 0ms, {});
    CHECK(memory.present_pages() == 0);
    std::stop_source stopped;
    stopped.request_stop();
    CHECK_THROWS_AS(memory.incoming.secure_ahead(UINT64_MAX, 10s, stopped.get_token()), Aborted);
}

TEST_CASE("a page of zeros clears what was there, and is present where nothing was") {
    Memory memory;
    std::memset(memory.incoming.place(10, 2), 0xAB, 2 * kPageSize);
    memory.incoming.zero(8, 3);
    CHECK(memory.present_pages() == 4);
    CHECK(memory.mapping.base()[10 * kPageSize] == std::byte{0});
    CHECK(memory.mapping.base()[11 * kPageSize - 1] == std::byte{0});
    CHECK(memory.mapping.base()[11 * kPageSize] == std::byte{0xAB});
}

TEST_CASE("the stream has one tail and no other record") {
    Memory memory;
    const WireWriter tail = ProcessTail{.writes = 5}.encode();
    CHECK(caught([&] { memory.incoming.record(stream::RecordType::kHeartbeat, {}); }).code() == ErrorCode::kStream);
    CHECK_FALSE(memory.incoming.tail().has_value());
    memory.incoming.record(stream::RecordType::kProcessTail, tail.bytes());
    CHECK(memory.incoming.tail()->writes == 5);
    CHECK(caught([&] { memory.incoming.record(stream::RecordType::kProcessTail, tail.bytes()); }).code() ==
          ErrorCode::kStream);
}

/// A file system of 1 MiB; needs the right to mount one.
struct SmallFileSystem {
    SmallFileSystem() {
        mounted = mkdtemp(path.data()) != nullptr && mount("tmpfs", path.c_str(), "tmpfs", 0, "size=1m") == 0;
    }
    ~SmallFileSystem() {
        if (mounted) umount2(path.c_str(), MNT_DETACH);
        rmdir(path.c_str());
    }
    std::string path = "/tmp/vmbuddies-small-XXXXXX";
    bool mounted = false;
};

TEST_CASE("memory that cannot be had is an error, not the end of the process") {
    const SmallFileSystem small;
    if (!small.mounted) {
        MESSAGE("skipped: no right to mount a file system");
        return;
    }
    const UniqueFd file(open((small.path + "/memory").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    REQUIRE(ftruncate(file.get(), kPages * kPageSize) == 0);
    const Mapping mapping = Mapping::shared(file.get(), kPages * kPageSize);
    IncomingMemory incoming(file.get(), {mapping.base(), mapping.bytes()});
    std::memset(incoming.place(100, 100), 1, 100 * kPageSize);
    const Error placed = caught([&] { incoming.place(1000, 1000); });
    CHECK(placed.code() == ErrorCode::kMemory);
    CHECK(placed.errno_value() == ENOSPC);
    CHECK(caught([&] { incoming.secure_ahead(UINT64_MAX, 10s, {}); }).code() == ErrorCode::kMemory);
}

}  // namespace
}  // namespace vmbuddies::process
