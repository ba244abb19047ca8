// SPDX-License-Identifier: MIT
#include "xen/hypervisor.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>
#include <string>

#include "core/error.h"
#include "xen/abi.h"
#include "xen/error_log.h"
#include "xen/shared_library.h"

namespace vmbuddies::xen {
namespace {

[[noreturn]] void unavailable(const std::string& why) { throw Error(ErrorCode::kUnavailable, "open Xen", why); }

bool runs_on_xen() {
    std::ifstream file("/sys/hypervisor/type");
    std::string type;
    return file >> type && type == "xen";
}

/// Says why before the libraries would, each on its own.
void require_privcmd() {
    for (const char* path : {"/dev/xen/privcmd", "/proc/xen/privcmd"}) {
        const int fd = ::open(path, O_RDWR | O_CLOEXEC);
        if (fd >= 0) {
            ::close(fd);
            return;
        }
        if (errno == EACCES || errno == EPERM) {
            unavailable(std::string(path) + " cannot be opened: only root may manage Xen's guests.");
        }
    }
    if (runs_on_xen()) unavailable("This machine runs on Xen, but /dev/xen/privcmd is missing: load xen-privcmd.");
    unavailable("This machine does not run on the Xen hypervisor.");
}

}  // namespace

HypervisorVersion hypervisor_version() {
    require_privcmd();
    const SharedLibrary library("libxencall.so.1", "libxencall1");
    abi::CallHandle* (*xencall_open)(abi::Logger*, unsigned);
    int (*xencall_close)(abi::CallHandle*);
    int (*xencall2)(abi::CallHandle*, unsigned, std::uint64_t, std::uint64_t);
    library.find("xencall_open", xencall_open);
    library.find("xencall_close", xencall_close);
    library.find("xencall2", xencall2);

    ErrorLog log;
    const std::unique_ptr<abi::CallHandle, decltype(xencall_close)> handle(xencall_open(log.logger(), 0),
                                                                           xencall_close);
    if (!handle) unavailable("The hypervisor cannot be called: " + log.take(errno) + ".");
    const int version = xencall2(handle.get(), abi::kXenVersionCall, abi::kVersion, 0);
    if (version < 0)
        unavailable("The hypervisor does not tell its version: " + std::string(std::strerror(errno)) + ".");
    return {static_cast<std::uint32_t>(version) >> 16, static_cast<std::uint32_t>(version) & 0xffff};
}

}  // namespace vmbuddies::xen
