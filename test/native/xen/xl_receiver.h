// SPDX-License-Identifier: MIT
#pragma once
#include <fcntl.h>
#include <sys/wait.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "../process/caught.h"
#include "xen/xl_destination.h"
#include "xen/xl_framing.h"

namespace vmbuddies::xen::test {

using namespace std::chrono_literals;
using process::test::caught;
using process::test::says;

/// Steps of a shell script that plays `xl migrate-receive`.
inline const std::string kSayBanner = "printf 'xl migration receiver ready, send binary domain data.\\n';";
inline const std::string kSayReady = "printf 'domain received, ready to unpause\\000';";
inline const std::string kSayReport = "printf 'my copy unpause results are as follows\\000';";
inline const std::string kSayPermission = "printf 'domain is yours, you are cleared to unpause\\000';";
inline const std::string kReadGo = "head -c 44 >/dev/null;";
inline const std::string kReadAll = "cat >/dev/null;";
inline std::string say_status(int status) {
    const char octal[] = {'\\', char('0' + status / 64), char('0' + status / 8 % 8), char('0' + status % 8), '\0'};
    return "printf '" + std::string(octal) + "';";
}
/// What xl does when it finds no GO: status -1, the copy destroyed, permission.
inline const std::string kDestroyCopy = kSayReport + say_status(255) + kSayPermission;

inline const std::string kHeader = "xl header and configuration";
inline const std::string kStream = "libxc stream";
/// From the first byte of a migration of kStream to libxl's END.
inline constexpr std::size_t kWholeStreamBytes = 27 + 24 + 12 + 8;
inline const std::string kReadStream = "head -c " + std::to_string(kWholeStreamBytes) + " >/dev/null;";
/// All up to "ready", without a failure.
inline const std::string kPrepare = kSayBanner + kReadStream + kSayReady;

inline XlDestination::Options options(const std::string& script) {
    XlDestination::Options options;
    options.command = {"sh", "-c", script};
    const auto* bytes = reinterpret_cast<const std::byte*>(kHeader.data());
    options.header.assign(bytes, bytes + kHeader.size());
    options.banner_timeout = options.stall_timeout = 20s;
    return options;
}

inline std::unique_ptr<XlDestination> connect(const std::string& script) {
    return XlDestination::connect(options(script), {});
}

inline void write(XlDestination& destination, const std::string& text, const std::stop_token& stop = {}) {
    const iovec part{const_cast<char*>(text.data()), text.size()};
    destination.write({&part, 1}, stop);
}

/// A destination that has said "ready".
inline std::unique_ptr<XlDestination> prepared(const std::string& then) {
    auto destination = connect(kPrepare + then);
    write(*destination, kStream);
    destination->await_prepared({});
    return destination;
}

/// A folder for what a script notes down; removed at the end.
class Notes {
   public:
    Notes() {
        std::string pattern = (std::filesystem::temp_directory_path() / "vmbuddies-test-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
        folder_ = pattern;
    }
    ~Notes() { std::filesystem::remove_all(folder_); }
    Notes(const Notes&) = delete;
    Notes& operator=(const Notes&) = delete;

    std::string path(const std::string& name) const { return folder_ / name; }
    bool has(const std::string& name) const { return std::filesystem::exists(folder_ / name); }
    std::string read(const std::string& name) const {
        std::ifstream file(folder_ / name, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }

   private:
    std::filesystem::path folder_;
};

inline std::set<int> open_descriptors() {
    std::set<int> descriptors;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
        descriptors.insert(std::stoi(entry.path().filename()));
    }
    // The one that was listed with is closed now.
    std::erase_if(descriptors, [](int fd) { return ::fcntl(fd, F_GETFD) == -1; });
    return descriptors;
}

/// That a test leaves no descriptor open and no child unreaped.
class NothingLeft {
   public:
    ~NothingLeft() {
        CHECK(open_descriptors() == before_);
        CHECK((::waitpid(-1, nullptr, WNOHANG) == -1 && errno == ECHILD));
    }

   private:
    // A thread's first wait opens a descriptor that it keeps: let that be past.
    static std::set<int> after_a_wait() {
        connect(kSayBanner + kReadAll);
        return open_descriptors();
    }

    std::set<int> before_ = after_a_wait();
};

inline double seconds_since(std::chrono::steady_clock::time_point begin) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace vmbuddies::xen::test
