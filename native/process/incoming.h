// SPDX-License-Identifier: MIT
#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "process/link.h"
#include "process/memory_budget.h"
#include "process/offer.h"
#include "process/process_domain.h"
#include "process/receiver.h"
#include "process/sessions.h"

namespace vmbuddies::process {

/// One connection to a receiver: its side of the conversation in link.h, from Hello to the end.
class Incoming {
   public:
    using Events = std::function<void(const ReceiverEvent&)>;

    /// What the connection may cost, and how soon it gives way to others.
    enum class Stage {
        kIdle,      ///< has not said Hello, or has been turned away and is being waited for
        kGreeted,   ///< has not proved anything yet
        kAdmitted,  ///< brings a domain, or asks about one
    };

    /// What all connections of a receiver share; outlives them.
    struct Shared {
        const Receiver::Options& options;
        MemoryBudget& budget;
        Sessions& sessions;
        const Events& events;
    };

    Incoming(Socket socket, const Shared& shared, std::atomic<Stage>& stage);

    /// When it returns, the domain runs here, or nothing is left of it and the sender knows why; `events` was told
    /// either way. Stopped by `stop` until Commit has come.
    void run(const std::stop_token& stop);
    /// Turns the sender away at once, without listening to it.
    void refuse(const std::string& reason);

   private:
    bool converse(const std::stop_token& stop);
    Frame hear_within_hello_timeout(const char* due, const std::stop_token& stop);
    void answer(const Frame& question, const std::stop_token& stop);
    Place restore_memory(WireReader& request, const std::string& uuid) const;
    void admit(const Frame& frame);
    void check_name_is_free() const;
    void restore(const std::stop_token& stop);
    void await_commit(const std::stop_token& stop);
    void give_up(const std::string& reason, const std::stop_token& stop);
    void say_no(const std::string& reason);
    void report(ReceiverEvent::Kind kind, const std::string& message = {}) const;

    Link link_;
    const Shared& shared_;
    const Receiver::Options& options_;
    std::atomic<Stage>& stage_;

    bool accepted_ = false;
    Offer offer_;
    std::optional<Sessions::Session> session_;  ///< ends after all that it stands for
    std::optional<MemoryBudget::Share> share_;
    std::unique_ptr<ProcessDomain> domain_;
    std::uint64_t bytes_ = 0;
};

}  // namespace vmbuddies::process
