// SPDX-License-Identifier: MIT
// vmbuddies-guest: the program a process domain runs. It is started by the library alone, with the descriptors of
// control_block.h, and ends by being killed or with the process that started it.
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <thread>

#include "core/error.h"
#include "process/guest/guest.h"
#include "process/memory_file.h"
#include "process/registry.h"
#include "process/write_tracking.h"

namespace vmbuddies::process {
namespace {

void report(const char* text, std::size_t length) {
    (void)!::write(kGuestStartupFd, text, length);  // a starter that is gone needs no report
    ::close(kGuestStartupFd);
}

/// Ends this process when the one that started it has ended, unless the domain has become independent.
void watch_owner(const ControlBlock& control) {
    std::thread([&control] {
        pollfd owner{kGuestLifeFd, 0, 0};
        while (::poll(&owner, 1, -1) != 1) {
        }
        if (control.independent.load() == 0) ::_exit(0);
    }).detach();
}

void close_all_others() {
    constexpr unsigned kFirst = kGuestStartupFd + 1;
    if (::syscall(SYS_close_range, kFirst, ~0U, 0) == 0) return;
    const long end = ::sysconf(_SC_OPEN_MAX);  // before Linux 5.9
    for (long fd = kFirst; fd < end; ++fd) ::close(static_cast<int>(fd));
}

/// `title` is this process's own argument, as ps shows it. Once an incoming domain has started, it is called so no
/// more.
void drop_mark(std::span<char> title) {
    constexpr std::string_view kMark = kIncomingSuffix;
    if (!std::string_view(title.data(), title.size()).ends_with(kMark)) return;
    std::ranges::fill(title.last(kMark.size()), '\0');
}

[[noreturn]] void run(std::span<char> title) {
    const Mapping control_page = Mapping::shared(kGuestControlFd, kPageSize);
    auto& control = *reinterpret_cast<ControlBlock*>(control_page.base());
    watch_owner(control);
    const Mapping mapping = Mapping::shared(kGuestMemoryFd, std::uint64_t{control.memory_pages} << kPageShift);
    // The handle on the tracking is never closed: it lasts as long as the guest does.
    const int tracking = allow_write_tracking(mapping.base(), mapping.bytes());
    control.write_tracking_errno.store(tracking < 0 ? -tracking : 0);
    control.memory_address.store(reinterpret_cast<std::uintptr_t>(mapping.base()));
    control.pid.store(::getpid());

    Guest guest(control, GuestMemory(mapping.base(), control.memory_pages, kGuestMemoryFd));
    guest.prepare();
    report(&kStartupReady, 1);
    if (guest.await_start()) {
        drop_mark(title);
        guest.run();
    }
    ::_exit(1);  // the watching thread still looks at the control block
}

}  // namespace
}  // namespace vmbuddies::process

int main(int argc, char** argv) {
    using namespace vmbuddies;
    if (::lseek(process::kGuestControlFd, 0, SEEK_END) != static_cast<off_t>(kPageSize)) {
        std::fputs("vmbuddies-guest is started by vmbuddies, not by hand.\n", stderr);
        return 2;
    }
    // The starter waits for this process only; the guest is the init process's child and leaves no zombie behind.
    const pid_t child = ::fork();
    if (child != 0) ::_exit(child < 0 ? 1 : 0);
    process::close_all_others();
    ::prctl(PR_SET_DUMPABLE, 1);  // lets processes of the same user open our descriptors and our pagemap
    if (::chdir("/") != 0) return 1;
    try {
        process::run(argc > 1 ? std::span(argv[1], std::strlen(argv[1])) : std::span<char>());
    } catch (const Error& error) {
        process::report(error.what(), std::char_traits<char>::length(error.what()));
        return 1;
    }
}
