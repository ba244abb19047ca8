// SPDX-License-Identifier: MIT
// vmbuddies-bench-writer: a guest program that dirties exactly as many pages as it is told, so that a dirty log can be
// timed at a known density. Each time it is resumed it writes one byte to each of workload.wws_pages pages, drawn
// evenly at random, counts them in the control block, and waits for the next pause.
#include <poll.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cstring>
#include <random>

#include "process/control_block.h"
#include "process/futex.h"
#include "process/memory_file.h"
#include "process/write_tracking.h"

namespace vmbuddies::process {
namespace {

/// Selection sampling (Knuth, TAOCP 2, algorithm 3.4.2 S): exactly `wanted` pages, ascending.
void write_pages(std::byte* memory, Pfn pages, Pfn wanted, std::mt19937_64& random) {
    for (Pfn page = 0; wanted > 0; ++page) {
        if (random() % (pages - page) >= wanted) continue;
        memory[page << kPageShift] ^= std::byte{1};
        --wanted;
    }
}

bool owner_is_gone() {
    pollfd owner{kGuestLifeFd, 0, 0};
    return ::poll(&owner, 1, 0) != 0;
}

void serve(ControlBlock& control, std::byte* memory) {
    constexpr std::chrono::milliseconds kLook{100};
    std::mt19937_64 random(1);
    bool idle = true;
    while (!owner_is_gone()) {
        const std::uint32_t seen = control.request.load();
        const bool pause = (seen & ControlBlock::kPauseRequest) != 0;
        if (pause && control.paused.load() != seen) {
            control.paused.store(seen);
            futex_wake_all(control.paused);
            idle = false;
        } else if (!pause && !idle) {
            control.paused.store(0);
            write_pages(memory, control.memory_pages, control.workload.wws_pages, random);
            control.writes.fetch_add(control.workload.wws_pages);
            idle = true;
        }
        futex_wait(control.request, seen, kLook);
    }
}

}  // namespace
}  // namespace vmbuddies::process

int main() {
    using namespace vmbuddies::process;
    if (::fork() != 0) return 0;  // the starter waits for this process and not for its child
    ::prctl(PR_SET_DUMPABLE, 1);
    const Mapping control_page = Mapping::shared(kGuestControlFd, vmbuddies::kPageSize);
    auto& control = *reinterpret_cast<ControlBlock*>(control_page.base());
    const Mapping memory =
        Mapping::shared(kGuestMemoryFd, std::uint64_t{control.memory_pages} << vmbuddies::kPageShift);
    const int tracking = allow_write_tracking(memory.base(), memory.bytes());
    std::memset(memory.base(), 1, memory.bytes());
    control.write_tracking_errno.store(tracking < 0 ? -tracking : 0);
    control.memory_address.store(reinterpret_cast<std::uintptr_t>(memory.base()));
    control.pid.store(::getpid());
    (void)!::write(kGuestStartupFd, &kStartupReady, 1);
    ::close(kGuestStartupFd);
    serve(control, memory.base());
}
