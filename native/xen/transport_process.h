// SPDX-License-Identifier: MIT
#pragma once
#include <sys/types.h>
#include <sys/uio.h>

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "core/unique_fd.h"

namespace vmbuddies::xen {

/// A command that carries a migration, most often ssh: we speak to its standard input and listen to its standard
/// output, and keep the last of what it says on standard error. It runs in a session of its own, so that Ctrl-C in our
/// terminal does not end it behind our back; nothing can ask for a password then either. One thread at a time.
class TransportProcess {
   public:
    using TimePoint = std::chrono::steady_clock::time_point;

    /// Starts `command`: a program, found by PATH, and its arguments. kArgument if there is none, kUnavailable if it
    /// cannot be run, kSystem for want of descriptors.
    explicit TransportProcess(const std::vector<std::string>& command);
    /// Closes its input. Kills it, and all that it has started, unless it ends by itself within half a second.
    ~TransportProcess();
    TransportProcess(const TransportProcess&) = delete;
    TransportProcess& operator=(const TransportProcess&) = delete;

    enum class For { kRoomOrWords, kWords };
    struct Ready {
        bool room = false;   ///< send() can move something, or fails
        bool words = false;  ///< receive() has something, the end included
    };
    /// Neither once `deadline` has passed. Aborted by `stop`.
    Ready wait(For what, TimePoint deadline, const std::stop_token& stop);

    /// Moves as many bytes as can be moved at once, perhaps none; no value once it takes no more for ever. At most
    /// IOV_MAX parts count. kMemory if a part cannot be read.
    std::optional<std::size_t> send(std::span<const iovec> parts);
    /// The same for what it says; 0 is the end, no value means nothing at the moment.
    std::optional<std::size_t> receive(std::span<char> out);
    /// It reads to the end of what was sent, then end of file. Its output stays open.
    void close_input() noexcept;

    /// Waits until it has ended, and discards what it still says. False past `deadline`.
    bool await_end(TimePoint deadline) noexcept;
    /// How it ended, "exit status 255" for example; "" while it runs, or if nobody knows.
    std::string end() const;
    /// The last lines that it wrote to standard error, at most 4 KiB in all, without empty ones; printable().
    std::vector<std::string> last_words();

   private:
    bool reap() noexcept;
    void collect_errors() noexcept;

    pid_t pid_ = -1;
    UniqueFd pidfd_;  ///< none where the kernel is older than 5.3
    UniqueFd input_;
    UniqueFd output_;
    UniqueFd errors_;
    std::string kept_errors_;
    bool ended_ = false;
    std::optional<int> wait_status_;  ///< waitpid's, if it was ours to have
};

/// `text` fit to be shown, whoever wrote it: what is not printable ASCII becomes '?', so that nothing in it can move a
/// terminal's cursor.
std::string printable(std::string text);

}  // namespace vmbuddies::xen
