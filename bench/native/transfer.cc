// SPDX-License-Identifier: MIT
// Memory over TCP into memory: the whole engine with an idle guest of 1 GiB, from its start to Prepared, against
// the least code that moves the same pages in records of the same size between mappings populated the same way.
#include <fcntl.h>
#include <sys/mman.h>

#include <cstring>
#include <thread>

#include "bench.h"
#include "core/migration.h"
#include "core/stream_format.h"
#include "loopback.h"
#include "process/memory_file.h"
#include "process/process_destination.h"
#include "site.h"

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#define MADV_POPULATE_WRITE 23
#endif

namespace vmbuddies::bench {
namespace {

using process::Mapping;
using process::ProcessDestination;
using process::ProcessSource;

constexpr Pfn kPages = kGiB >> kPageShift;
constexpr Pfn kRecordPages = 256;
constexpr int kRuns = 7;

double through_engine(const Site& here, const Site& there) {
    ProcessSource source(here.open());
    process::Receiver receiver(there.receiver(), [](const process::ReceiverEvent&) {});
    const auto destination =
        ProcessDestination::connect({.host = "127.0.0.1", .port = receiver.port()}, source.domain().info(), {});
    Clock::time_point begin;
    double seconds = 0;
    Migration* running = nullptr;
    const auto state = [&](State reached, const std::optional<StopReason>&) {
        if (reached != State::kPrepared) return;
        seconds = seconds_between(begin, Clock::now());
        running->abort();  // the guest stays for the next run
    };
    Migration migration(source, *destination, {.stop_rule = StopRule::converged(), .hold_when_prepared = true},
                        {.progress = {}, .round = {}, .state = state});
    running = &migration;
    begin = Clock::now();
    const Outcome outcome = migration.run();
    if (outcome.sent_pages < kPages) throw Error(ErrorCode::kStream, "bench", "Not all pages were sent.");
    return seconds;
}

/// What stands before the data of a record of stream_format.h.
struct RecordHead {
    stream::RecordHeader header;
    stream::PageDataHeader pages;
    std::uint64_t entries[kRecordPages];
};

void send_bare(int fd, std::byte* memory) {
    RecordHead head{.header = {stream::RecordType::kPageData, sizeof head - sizeof head.header + (kRecordPages << 12)},
                    .pages = {.count = kRecordPages},
                    .entries = {}};
    for (Pfn first = 0; first < kPages; first += kRecordPages) {
        for (Pfn i = 0; i < kRecordPages; ++i) head.entries[i] = first + i;
        iovec parts[] = {{&head, sizeof head}, {memory + (first << kPageShift), kRecordPages << kPageShift}};
        write_all(fd, parts);
    }
    std::byte done;
    read_all(fd, &done, 1);
}

void receive_bare(int fd, std::byte* memory) {
    RecordHead head;
    for (Pfn first = 0; first < kPages; first += kRecordPages) {
        read_all(fd, &head, sizeof head);
        read_all(fd, memory + (head.entries[0] << kPageShift), kRecordPages << kPageShift);
    }
    write_all(fd, "", 1);
}

/// As a receiver has it when it says Accepted.
struct Target {
    UniqueFd file = process::create_memory_file("bench", kGiB);
    Mapping memory = Mapping::shared(file.get(), kGiB);
    Target() {
        if (::fallocate(file.get(), FALLOC_FL_KEEP_SIZE, 0, kGiB) != 0) throw std::bad_alloc();
        ::madvise(memory.base(), memory.bytes(), MADV_POPULATE_WRITE);
    }
};

double bare(std::byte* source, const Target& target) {
    const Loopback loopback = connect_loopback();
    std::thread receiver([&] { receive_bare(loopback.receiver.get(), target.memory.base()); });
    const double seconds = seconds_of([&] { send_bare(loopback.sender.get(), source); });
    receiver.join();
    return seconds;
}

double copy(const std::byte* source, const Target& target) {
    return seconds_of([&] { std::memcpy(target.memory.base(), source, kGiB); });
}

}  // namespace

void transfer() {
    const Site here;
    const Site there;
    const auto guest = here.start(kGiB, {});
    const Killed killed(*guest);
    ::madvise(guest->memory(), kGiB, MADV_POPULATE_READ);

    through_engine(here, there);  // the host's memory behind the first destination is new, and slow
    double copied = 1;
    const auto [ours, baseline] = best_in_turn(
        kRuns, [&] { return through_engine(here, there); },
        [&] {
            const Target target;
            copied = std::min(copied, copy(guest->memory(), target));
            return bare(guest->memory(), target);
        });
    constexpr double kGigabytes = static_cast<double>(kGiB) * 1e-9;
    print({.part = "transfer",
           .name = "idle guest of 1 GiB, whole engine",
           .unit = "GB/s",
           .ours = kGigabytes / ours,
           .baseline = Reference{"bare writev", kGigabytes / baseline},
           .goal = Goal{Goal::Of::kRatio, Goal::Bound::kAtLeast, 0.9, 0.5},
           .limit = Reference{"memcpy", kGigabytes / copied}});
}

}  // namespace vmbuddies::bench
