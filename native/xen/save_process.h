// SPDX-License-Identifier: MIT
#pragma once
#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "core/unique_fd.h"
#include "xen/save_messages.h"

namespace vmbuddies::xen {

/// A running vmbuddies-xen-save: its stream and its questions, in the order in which it wrote and asked. One thread at
/// a time.
class SaveProcess {
   public:
    /// Starts `command`, a program and its arguments. kUnavailable if it cannot be run.
    explicit SaveProcess(const std::vector<std::string>& command);
    /// Takes the stream and the answers away from it: then it fails and switches the dirty log off. Kills it if that
    /// takes too long.
    ~SaveProcess();

    /// What comes next: a piece of the stream, or a question, once all that was written before it has been handed
    /// over, or (neither of them) the end, which is exit status 0.
    struct Event {
        std::span<const std::byte> bytes;  ///< valid until the next call
        std::optional<save::Request> request;
    };
    /// No value when nothing came until `deadline`. Aborted by `stop`. kSystem, with what it said last, if it ended in
    /// another way; or if it says what is no request.
    std::optional<Event> next(std::chrono::steady_clock::time_point deadline, const std::stop_token& stop);
    /// What the callback that asked last is to return.
    void answer(std::int32_t result);

    SaveProcess(const SaveProcess&) = delete;
    SaveProcess& operator=(const SaveProcess&) = delete;

   private:
    void hear_request();
    std::optional<std::span<const std::byte>> read_stream();
    void require_good_end();
    void finish() noexcept;
    std::string first_error() const;

    std::string program_;
    UniqueFd stream_;
    UniqueFd messages_;
    UniqueFd errors_;  ///< a file in memory, which nobody has to empty
    pid_t pid_ = -1;
    std::optional<int> wait_status_;        ///< waitpid's, if it was ours to have
    std::optional<save::Request> request_;  ///< heard, not handed over
    std::vector<std::byte> buffer_;
};

}  // namespace vmbuddies::xen
