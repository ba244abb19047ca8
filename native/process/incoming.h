// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "process/hello.h"
#include "process/link.h"
#include "process/memory_budget.h"
#include "process/process_domain.h"
#include "process/receiver.h"
#include "process/sessions.h"

namespace vmbuddies::process {

/// One connection to a receiver: its side of the conversation in link.h, from Hello to the end.
class Incoming {
   public:
    using Events = std::function<void(const ReceiverEvent&)>;

    /// What is passed by reference outlives this.
    Incoming(Socket socket, const Receiver::Options& options, MemoryBudget& budget, Sessions& sessions,
             const Events& events);

    /// When it returns, the domain runs here, or nothing is left of it and the sender knows why; `events` was told
    /// either way. Stopped by `stop` until Commit has come.
    void run(const std::stop_token& stop);
    /// Turns the sender away at once, without listening to it.
    void refuse(const std::string& reason);

   private:
    /// Answers an Ask; true if that was all the peer wanted.
    bool answer(const Frame& frame, const std::stop_token& stop);
    void admit(const Frame& frame);
    void check_name_is_free() const;
    void restore(const std::stop_token& stop);
    void await_commit(const std::stop_token& stop);
    void give_up(const std::string& reason);
    void say_no(const std::string& reason);
    void report(ReceiverEvent::Kind kind, const std::string& message = {}) const;

    Link link_;
    const Receiver::Options& options_;
    MemoryBudget& budget_;
    Sessions& sessions_;
    const Events& events_;

    bool accepted_ = false;
    Hello hello_;
    std::optional<Sessions::Session> session_;  ///< ends after all that it stands for
    std::optional<MemoryBudget::Share> share_;
    std::unique_ptr<ProcessDomain> domain_;
    std::uint64_t bytes_ = 0;
};

}  // namespace vmbuddies::process
