// SPDX-License-Identifier: MIT
#include "xen/transport_process.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <system_error>

#include "core/error.h"
#include "core/wait.h"
#include "xen/spawn.h"

namespace vmbuddies::xen {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// What may wait between us and the command. The kernel books about twice this. More would let a slow migration count
/// seconds' worth of bytes as sent that have not left; less would cost speed.
constexpr int kSendBufferBytes = 128 << 10;
constexpr std::size_t kKeptErrorBytes = 4096;
constexpr int kErrorReads = (64 << 10) / kKeptErrorBytes;
constexpr milliseconds kEndTimeout(500);
constexpr milliseconds kKillTimeout(5000);
/// How often the end is looked for where there is no pidfd to wait on.
constexpr milliseconds kReapInterval(10);

}  // namespace

TransportProcess::TransportProcess(const std::vector<std::string>& command) {
    // A socket for its input, since writing to a pipe that nobody reads raises SIGPIPE. It is one of our own and not
    // shared with the output, so that closing it is heard as end of file and nothing else.
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
        throw Error::system("connect", "A socket cannot be made", errno);
    }
    input_ = UniqueFd(ends[0]);
    const UniqueFd its_input(ends[1]);
    ::setsockopt(input_.get(), SOL_SOCKET, SO_SNDBUF, &kSendBufferBytes, sizeof kSendBufferBytes);
    const auto listen_by_pipe = [](UniqueFd& ours) {
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC) != 0) throw Error::system("connect", "A pipe cannot be made", errno);
        ours = UniqueFd(ends[0]);
        ::fcntl(ours.get(), F_SETFL, O_NONBLOCK);
        return UniqueFd(ends[1]);
    };
    const UniqueFd its_output = listen_by_pipe(output_);
    const UniqueFd its_errors = listen_by_pipe(errors_);
    pid_ = spawn(command, {its_input.get(), its_output.get(), its_errors.get()});
#ifdef SYS_pidfd_open
    pidfd_ = UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
#endif
}

TransportProcess::~TransportProcess() {
    close_input();
    if (await_end(steady_clock::now() + kEndTimeout)) return;
    ::kill(-pid_, SIGKILL);  // its process group; not reaped yet, so the number is still its own
    await_end(steady_clock::now() + kKillTimeout);
}

TransportProcess::Ready TransportProcess::wait(For what, TimePoint deadline, const std::stop_token& stop) {
    for (;;) {
        std::array<pollfd, 3> polled{{{what == For::kRoomOrWords ? input_.get() : -1, POLLOUT, 0},
                                      {output_.get(), POLLIN, 0},
                                      {errors_.get(), POLLIN, 0}}};
        // Where the descriptor is gone, so is what it stood for: that needs no waiting.
        const Ready ended{.room = what == For::kRoomOrWords && !input_.valid(), .words = !output_.valid()};
        if (ended.room || ended.words) return ended;
        if (!wait_any(polled, deadline, stop)) return {};
        // A command that nobody listens to stops when the pipe is full.
        if (polled[2].revents != 0) collect_errors();
        const Ready ready{.room = polled[0].revents != 0, .words = polled[1].revents != 0};
        if (ready.room || ready.words || steady_clock::now() >= deadline) return ready;
    }
}

std::optional<std::size_t> TransportProcess::send(std::span<const iovec> parts) {
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(parts.data());  // the kernel only reads it
    message.msg_iovlen = std::min<std::size_t>(parts.size(), IOV_MAX);
    const ssize_t sent = ::sendmsg(input_.get(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) return static_cast<std::size_t>(sent);
    switch (errno) {
        case EAGAIN:
        case EINTR:
            return 0;
        case EFAULT:  // a page of the guest went away while it was read
        case ENOMEM:
        case ENOBUFS:
            throw Error(ErrorCode::kMemory, "write",
                        "Memory to be sent cannot be read: " + std::generic_category().message(errno) + '.', errno);
        default:
            return std::nullopt;
    }
}

std::optional<std::size_t> TransportProcess::receive(std::span<char> out) {
    if (!output_.valid()) return 0;
    const ssize_t received = ::read(output_.get(), out.data(), out.size());
    if (received > 0) return static_cast<std::size_t>(received);
    if (received < 0 && (errno == EAGAIN || errno == EINTR)) return std::nullopt;
    output_.reset();
    return 0;
}

void TransportProcess::close_input() noexcept {
    // Not by closing alone: that is not heard while a child that was just forked elsewhere has not come to its exec.
    if (input_.valid()) ::shutdown(input_.get(), SHUT_WR);
    input_.reset();
}

bool TransportProcess::await_end(TimePoint deadline) noexcept {
    for (;;) {
        std::array<char, 4096> discarded;
        receive(discarded);
        collect_errors();
        const TimePoint now = steady_clock::now();
        if (reap()) return true;
        if (now >= deadline) return false;
        std::array<pollfd, 3> polled{
            {{pidfd_.get(), POLLIN, 0}, {output_.get(), POLLIN, 0}, {errors_.get(), POLLIN, 0}}};
        auto left = std::chrono::ceil<milliseconds>(deadline - now);
        if (!pidfd_.valid()) left = std::min(left, kReapInterval);
        ::poll(polled.data(), polled.size(), static_cast<int>(left.count()));
    }
}

bool TransportProcess::reap() noexcept {
    if (ended_) return true;
    int status = 0;
    const pid_t reaped = ::waitpid(pid_, &status, WNOHANG);
    if (reaped == 0 || (reaped < 0 && errno == EINTR)) return false;
    // If that failed, somebody else's wait() has had it: it has ended all the same.
    if (reaped > 0) wait_status_ = status;
    return ended_ = true;
}

std::string TransportProcess::end() const {
    if (!wait_status_) return "";
    if (WIFSIGNALED(*wait_status_)) return "signal " + std::to_string(WTERMSIG(*wait_status_));
    return "exit status " + std::to_string(WEXITSTATUS(*wait_status_));
}

void TransportProcess::collect_errors() noexcept {
    std::array<char, kKeptErrorBytes> heard;
    // No more than a pipe holds: it may be writing faster than we read.
    for (int reads = 0; reads < kErrorReads && errors_.valid(); ++reads) {
        const ssize_t length = ::read(errors_.get(), heard.data(), heard.size());
        if (length < 0 && (errno == EAGAIN || errno == EINTR)) return;
        if (length <= 0) return errors_.reset();
        kept_errors_.append(heard.data(), static_cast<std::size_t>(length));
        if (kept_errors_.size() > kKeptErrorBytes) kept_errors_.erase(0, kept_errors_.size() - kKeptErrorBytes);
    }
}

std::vector<std::string> TransportProcess::last_words() {
    collect_errors();
    std::vector<std::string> lines;
    std::size_t begin = 0;
    while ((begin = kept_errors_.find_first_not_of("\r\n", begin)) != std::string::npos) {
        const std::size_t end = std::min(kept_errors_.find_first_of("\r\n", begin), kept_errors_.size());
        lines.push_back(printable(kept_errors_.substr(begin, end - begin)));
        begin = end;
    }
    return lines;
}

std::string printable(std::string text) {
    std::replace_if(
        text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c > 0x7e; }, '?');
    return text;
}

}  // namespace vmbuddies::xen
