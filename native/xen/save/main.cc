// SPDX-License-Identifier: MIT
// vmbuddies-xen-save DOMID [verify]: runs libxenguest's xc_domain_save() for a live migration, which asserts and blocks
// as it likes, in a process of its own. Every decision is its starter's; see save_messages.h.
#include <unistd.h>

#include <charconv>
#include <csignal>
#include <cstdio>
#include <exception>
#include <span>
#include <string>
#include <string_view>

#include "core/error.h"
#include "xen/hypervisor.h"
#include "xen/save/libxenguest.h"
#include "xen/save/starter.h"
#include "xen/shared_library.h"

namespace vmbuddies::xen::save {
namespace {

/// Failures go to stderr, a line each; of progress the starter hears in its own way.
struct StderrLogger : abi::Logger {
    StderrLogger() {
        vmessage = [](Logger*, unsigned level, int, const char*, const char* format, va_list arguments) {
            if (level < abi::kLogError) return;
            std::vfprintf(stderr, format, arguments);
            std::fputc('\n', stderr);
        };
        progress = nullptr;
        destroy = [](Logger*) {};
    }
};

struct Arguments {
    std::uint32_t domid = 0;
    std::uint32_t flags = kLive;
};

Arguments parse(std::span<char*> words) {
    Arguments arguments;
    const std::string_view domid = words.size() > 1 ? words[1] : "";
    const std::string_view wish = words.size() > 2 ? words[2] : "";
    const auto [rest, error] = std::from_chars(domid.data(), domid.data() + domid.size(), arguments.domid);
    const bool number = error == std::errc{} && rest == domid.data() + domid.size() && arguments.domid > 0;
    if (!number || words.size() > 3 || (!wish.empty() && wish != kVerifyArgument)) {
        throw Error(ErrorCode::kArgument, "save", "Usage: vmbuddies-xen-save DOMID [verify]; VMbuddies starts it.");
    }
    if (wish == kVerifyArgument) arguments.flags |= kDebug;
    return arguments;
}

SaveCallbacks callbacks_to(Starter& starter) {
    SaveCallbacks callbacks{};
    callbacks.suspend = [](void* data) {
        return static_cast<Starter*>(data)->ask(Question::kSuspend, 0, kNotSuspended);
    };
    callbacks.precopy_policy = [](PrecopyStats stats, void* data) {
        const bool before = stats.dirty_count >= 0;
        return static_cast<Starter*>(data)->ask(before ? Question::kBeforeRound : Question::kAfterRound,
                                                before ? static_cast<std::uint64_t>(stats.dirty_count) : 0, kAbort);
    };
    // Demanded for every guest that is not PV. One with a device model is not moved: there is nobody to tell.
    callbacks.switch_qemu_logdirty = [](std::uint32_t, unsigned, void*) { return 0; };
    callbacks.data = &starter;
    return callbacks;
}

int save(const Arguments& arguments) {
    const HypervisorVersion version = hypervisor_version();
    const std::string release = std::to_string(version.major) + "." + std::to_string(version.minor);
    abi::XcInterface* (*xc_interface_open)(abi::Logger*, abi::Logger*, unsigned);
    XcDomainSave* xc_domain_save;
    SharedLibrary("libxenctrl.so." + release, "libxenmisc" + release).find("xc_interface_open", xc_interface_open);
    SharedLibrary("libxenguest.so." + release, "libxenmisc" + release).find("xc_domain_save", xc_domain_save);

    StderrLogger logger;
    abi::XcInterface* const control = xc_interface_open(&logger, &logger, 0);
    if (control == nullptr) return 1;  // it has said why
    Starter starter;
    SaveCallbacks callbacks = callbacks_to(starter);
    return xc_domain_save(control, STDOUT_FILENO, arguments.domid, arguments.flags, &callbacks, kPlainStream, -1) == 0
               ? 0
               : 1;
}

}  // namespace
}  // namespace vmbuddies::xen::save

int main(int count, char** arguments) {
    // A stream that nobody reads any more makes the library fail, and so switch the dirty log off.
    std::signal(SIGPIPE, SIG_IGN);
    try {
        return vmbuddies::xen::save::save(vmbuddies::xen::save::parse({arguments, static_cast<std::size_t>(count)}));
    } catch (const std::exception& exception) {
        std::fprintf(stderr, "%s\n", exception.what());
        return 1;
    }
}
