// SPDX-License-Identifier: MIT
#include "xen/save_process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <thread>

#include "core/error.h"
#include "core/wait.h"
#include "xen/spawn.h"
#include "xen/transport_process.h"

namespace vmbuddies::xen {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// What libxenguest may write ahead of the link. More would count a slow round as sent before it is.
constexpr int kPipeBytes = 64 << 10;
constexpr std::size_t kKeptErrorBytes = 1024;
/// For what it may be at when its stream breaks: a look at the whole log, and switching that off.
constexpr milliseconds kEndTimeout(5000);
constexpr milliseconds kReapInterval(2);

[[noreturn]] void refuse(const std::string& program, const std::string& why) {
    throw Error(ErrorCode::kSystem, "save", "The program " + program + " " + why + ".");
}

}  // namespace

SaveProcess::SaveProcess(const std::vector<std::string>& command)
    : program_(command.front()), errors_(::memfd_create("vmbuddies-xen-save", MFD_CLOEXEC)), buffer_(kPipeBytes) {
    int pipe[2];
    int sockets[2];
    if (!errors_.valid() || ::pipe2(pipe, O_CLOEXEC) != 0) throw Error::system("save", "A pipe cannot be made", errno);
    stream_ = UniqueFd(pipe[0]);
    const UniqueFd its_stream(pipe[1]);
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) != 0) {
        throw Error::system("save", "A socket cannot be made", errno);
    }
    messages_ = UniqueFd(sockets[0]);
    const UniqueFd its_messages(sockets[1]);
    ::fcntl(stream_.get(), F_SETPIPE_SZ, kPipeBytes);  // the default, except for users with many pipes
    ::fcntl(stream_.get(), F_SETFL, O_NONBLOCK);
    pid_ = spawn(command, {its_messages.get(), its_stream.get(), errors_.get()});
}

SaveProcess::~SaveProcess() { finish(); }

std::optional<SaveProcess::Event> SaveProcess::next(steady_clock::time_point deadline, const std::stop_token& stop) {
    for (;;) {
        // In this order: what was written before it asked is in the pipe when the request is heard.
        if (!request_) hear_request();
        if (const auto bytes = read_stream(); bytes && !bytes->empty()) {
            return Event{.bytes = *bytes};
        } else if (request_) {
            const Event event{.request = request_};
            request_.reset();
            return event;
        } else if (bytes) {
            require_good_end();
            return Event{};
        }
        std::array<pollfd, 2> polled{{{stream_.get(), POLLIN, 0}, {messages_.get(), POLLIN, 0}}};
        if (!wait_any(polled, deadline, stop)) return {};
    }
}

void SaveProcess::answer(std::int32_t result) {
    const save::Answer answer{save::kVersion, result};
    // If it is gone, that is heard at the next call, with what it said.
    ::send(messages_.get(), &answer, sizeof answer, MSG_NOSIGNAL);
}

void SaveProcess::hear_request() {
    save::Request request;
    // MSG_TRUNC: the whole length, so that a message of another make is seen as one.
    const ssize_t length = ::recv(messages_.get(), &request, sizeof request, MSG_DONTWAIT | MSG_TRUNC);
    if (length < 0) return;
    if (length == 0) return messages_.reset();  // it is about to end
    if (length != sizeof request || request.version != save::kVersion) {
        refuse(program_, "asks in another version of the language spoken here; it is not the one installed with this");
    }
    request_ = request;
}

// No value: nothing at the moment. Nothing: the end.
std::optional<std::span<const std::byte>> SaveProcess::read_stream() {
    const ssize_t length = ::read(stream_.get(), buffer_.data(), buffer_.size());
    if (length >= 0) return std::span<const std::byte>(buffer_.data(), static_cast<std::size_t>(length));
    if (errno == EAGAIN || errno == EINTR) return std::nullopt;
    throw Error::system("save", "The stream of " + program_ + " cannot be read", errno);
}

void SaveProcess::require_good_end() {
    finish();
    if (!wait_status_) refuse(program_, "has ended, and somebody else was told how");
    if (*wait_status_ == 0) return;
    const std::string words = first_error();
    if (!words.empty()) {
        throw Error(ErrorCode::kSystem, "save", "libxenguest could not save the guest: " + words);
    }
    refuse(program_, WIFSIGNALED(*wait_status_)
                         ? "was ended by signal " + std::to_string(WTERMSIG(*wait_status_))
                         : "ended with exit status " + std::to_string(WEXITSTATUS(*wait_status_)) + " and no word");
}

void SaveProcess::finish() noexcept {
    if (pid_ < 0) return;
    stream_.reset();
    messages_.reset();
    const auto deadline = steady_clock::now() + kEndTimeout;
    int status = 0;
    pid_t reaped = 0;
    while ((reaped = ::waitpid(pid_, &status, WNOHANG)) == 0) {
        if (steady_clock::now() >= deadline) ::kill(pid_, SIGKILL);  // not reaped yet: the number is still its own
        std::this_thread::sleep_for(kReapInterval);
    }
    if (reaped == pid_) wait_status_ = status;
    pid_ = -1;
}

// The first line is the cause; what follows are its consequences.
std::string SaveProcess::first_error() const {
    std::array<char, kKeptErrorBytes> said;
    const ssize_t length = ::pread(errors_.get(), said.data(), said.size(), 0);
    const std::string words(said.data(), length > 0 ? static_cast<std::size_t>(length) : 0);
    return printable(words.substr(0, words.find('\n')));
}

}  // namespace vmbuddies::xen
