// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <map>
#include <string>

#include "board.h"
#include "xenstore.h"

namespace vmbuddies::lab {

/// Says once a second, through xenstore, how the guest is, and looks for wishes there. README.md lists the keys.
class Agent {
   public:
    /// `reports_memory`: whether it also plays the guest agent that tells hosts how much memory is free.
    Agent(Board& board, std::string boot_id, bool reports_memory);

    /// Returns only if there is no xenstore.
    void run();

   private:
    void obey();
    void publish();
    void put(const std::string& path, const std::string& value);
    void put(const std::string& path, std::uint64_t value) { put(path, std::to_string(value)); }

    Board& board_;
    std::string boot_id_;
    bool reports_memory_;
    Xenstore store_;
    std::uint64_t beat_ = 0;
    std::map<std::string, std::string> published_;  ///< what xenstore holds; what has not changed is not sent again
};

}  // namespace vmbuddies::lab
