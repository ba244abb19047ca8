// SPDX-License-Identifier: MIT
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <vector>

#include "core/error.h"
#include "process/compare_log.h"
#include "process/dirty_log.h"
#include "process/memory_file.h"
#include "process/pagemap_scanner.h"
#include "process/uffd_async_log.h"
#include "process/write_tracking.h"

namespace vmbuddies::process {
namespace {

constexpr Pfn kProbePages = 8;
const std::vector<Pfn> kWrittenPages{1, 5};

/// What the child does, with system calls alone: it is forked off a process that may have many threads.
[[noreturn]] void probe_child(std::byte* memory, int socket) {
    const int tracking = allow_write_tracking(memory, kProbePages << kPageShift);
    char go = 0;
    if (::write(socket, &tracking, sizeof tracking) == sizeof tracking && ::read(socket, &go, 1) == 1) {
        static_cast<volatile char*>(static_cast<void*>(memory))[1 << kPageShift] = 1;
        static_cast<volatile char*>(static_cast<void*>(memory))[5 << kPageShift] = 1;
        if (::write(socket, &go, 1) == 1) (void)!::read(socket, &go, 1);  // stays until the parent has looked
    }
    ::_exit(0);
}

class ProbeChild {
   public:
    ProbeChild()
        : file_(create_memory_file("vmbuddies-probe", kProbePages << kPageShift)),
          memory_(Mapping::shared(file_.get(), kProbePages << kPageShift)) {
        int ends[2];
        if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
            throw Error::system("tracker probe", "A socket pair cannot be made", errno);
        }
        socket_ = UniqueFd(ends[0]);
        UniqueFd child_end(ends[1]);
        pid_ = ::fork();
        if (pid_ < 0) throw Error::system("tracker probe", "A child cannot be forked", errno);
        if (pid_ == 0) {
            ::close(ends[0]);
            probe_child(memory_.base(), ends[1]);
        }
    }
    ~ProbeChild() {
        ::kill(pid_, SIGKILL);
        while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
        }
    }
    ProbeChild(const ProbeChild&) = delete;
    ProbeChild& operator=(const ProbeChild&) = delete;

    int pid() const noexcept { return pid_; }
    std::uint64_t address() const noexcept { return reinterpret_cast<std::uintptr_t>(memory_.base()); }

    /// 0, or why the child cannot open its memory up.
    int tracking_errno() {
        int tracking = 0;
        if (::recv(socket_.get(), &tracking, sizeof tracking, MSG_WAITALL) != sizeof tracking) return ESRCH;
        return tracking < 0 ? -tracking : 0;
    }
    /// Lets the child write its pages.
    void write_pages() {
        char go = 1;
        if (::send(socket_.get(), &go, 1, MSG_NOSIGNAL) != 1 || ::recv(socket_.get(), &go, 1, 0) != 1) {
            throw Error(ErrorCode::kSystem, "tracker probe", "The probe's child has ended.");
        }
    }

   private:
    UniqueFd file_;
    Mapping memory_;
    UniqueFd socket_;
    pid_t pid_ = -1;
};

std::vector<Pfn> clean_pages(PagemapScanner& scanner) {
    std::vector<Pfn> pages;
    scanner.clean(0, kProbePages, [&](Pfn first, std::uint64_t count) {
        for (Pfn page = first; page < first + count; ++page) pages.push_back(page);
    });
    return pages;
}

TrackerProbe probe_uffd_async() {
    try {
        ProbeChild child;
        if (const int error = child.tracking_errno(); error != 0) {
            return {UffdAsyncLog::kName, false,
                    std::string("The kernel has no userfaultfd in asynchronous write-protect mode for us: ") +
                        std::strerror(error) + "."};
        }
        PagemapScanner scanner(child.pid(), child.address(), kProbePages);
        scanner.arm();
        child.write_pages();
        if (clean_pages(scanner) != kWrittenPages || !clean_pages(scanner).empty()) {
            return {UffdAsyncLog::kName, false, "PAGEMAP_SCAN does not report the pages that were written."};
        }
        return {UffdAsyncLog::kName, true, "PAGEMAP_SCAN reports exactly the pages that were written."};
    } catch (const Error& error) {
        return {UffdAsyncLog::kName, false, error.what()};
    }
}

}  // namespace

std::vector<TrackerProbe> probe_trackers() {
    return {probe_uffd_async(),
            {CompareLog::kName, true,
             "Comparing with a copy works everywhere, at the price of the guest's memory once more."}};
}

}  // namespace vmbuddies::process
