// SPDX-License-Identifier: MIT
#include "process/write_tracking.h"

#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

namespace vmbuddies::process {
namespace {

// From linux/userfaultfd.h of Linux 6.7; the headers we build with may be older than the kernel we run on.
constexpr std::uint64_t kFeatureWpHugetlbfsShmem = std::uint64_t{1} << 12;
constexpr std::uint64_t kFeatureWpUnpopulated = std::uint64_t{1} << 13;
constexpr std::uint64_t kFeatureWpAsync = std::uint64_t{1} << 15;
constexpr int kUserModeOnly = 1;
constexpr unsigned long kDeviceNew = _IO(0xAA, 0x00);

int open_userfault() noexcept {
    constexpr int kFlags = O_CLOEXEC | O_NONBLOCK | kUserModeOnly;
    const int fd = static_cast<int>(::syscall(SYS_userfaultfd, kFlags));
    if (fd >= 0) return fd;
    const int error = errno;
    // Containers that filter the system call may still be given the device.
    const int device = ::open("/dev/userfaultfd", O_RDWR | O_CLOEXEC);
    if (device < 0) return -error;
    const int from_device = ::ioctl(device, kDeviceNew, kFlags);
    const int device_error = errno;
    ::close(device);
    return from_device >= 0 ? from_device : -device_error;
}

}  // namespace

int allow_write_tracking(std::byte* base, std::size_t bytes) noexcept {
    const int fd = open_userfault();
    if (fd < 0) return fd;
    uffdio_api api{};
    api.api = UFFD_API;
    api.features = kFeatureWpAsync | kFeatureWpUnpopulated | kFeatureWpHugetlbfsShmem;
    uffdio_register range{};
    range.range.start = reinterpret_cast<std::uintptr_t>(base);
    range.range.len = bytes;
    range.mode = UFFDIO_REGISTER_MODE_WP;
    if (::ioctl(fd, UFFDIO_API, &api) == 0 && ::ioctl(fd, UFFDIO_REGISTER, &range) == 0) return fd;
    const int error = errno;
    ::close(fd);
    return -error;
}

}  // namespace vmbuddies::process
