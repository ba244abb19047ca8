// SPDX-License-Identifier: MIT
#include "refuse_suspend.h"

#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>

#include "region.h"

namespace vmbuddies::lab {
namespace {

constexpr int kMadvPopulateWrite = 23;  // MADV_POPULATE_WRITE, Linux 5.14

/// Asks the kernel for a page that this very task would have to provide. Unlike a plain page fault, populating waits
/// where only a deadly signal interrupts, and the freezer's signal is none.
void hang() {
    const int handler = static_cast<int>(::syscall(SYS_userfaultfd, O_CLOEXEC));
    uffdio_api api{UFFD_API, 0, 0};
    ::ioctl(handler, UFFDIO_API, &api);
    void* page = ::mmap(nullptr, kPageSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    uffdio_register range{{reinterpret_cast<std::uintptr_t>(page), kPageSize}, UFFDIO_REGISTER_MODE_MISSING, 0};
    ::ioctl(handler, UFFDIO_REGISTER, &range);
    ::madvise(page, kPageSize, kMadvPopulateWrite);
    std::perror("guest: suspensions are not refused");
}

}  // namespace

void refuse_suspend() {
    const int timeout = ::open("/sys/power/pm_freeze_timeout", O_WRONLY | O_CLOEXEC);  // milliseconds
    if (::write(timeout, "1000", 4) != 4) std::perror("guest: pm_freeze_timeout");
    ::close(timeout);
    if (::fork() != 0) return;
    hang();
    ::_exit(1);
}

}  // namespace vmbuddies::lab
