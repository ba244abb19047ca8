// SPDX-License-Identifier: MIT
#pragma once
#include <cstdlib>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "../core/scripted_destination.h"
#include "core/control.h"
#include "fake_guest.h"
#include "xen/guest_save_rounds.h"

namespace vmbuddies::test {

/// A migration by the program fake_save, which is told what to do wrong: "DEED PLACE" (see fake_save/main.cc).
struct FakeSave {
    explicit FakeSave(const std::string& wish = "",
                      MigrationOptions options = {.stop_rule = {.name = "two", .max_rounds = 2}})
        : guest(script),
          destination(script, mutex),
          options(std::move(options)),
          control(this->options.bytes_per_second) {
        ::setenv("VMBUDDIES_FAKE_SAVE", wish.c_str(), 1);
    }
    Outcome run() {
        const Engine::Observer observer{
            .progress = [this](const Progress& each) { progress.push_back(each); },
            .round = [this](const RoundStats& round) { rounds.push_back(round); },
            .state =
                [this](State state, const std::optional<StopReason>&) {
                    states += std::string(states.empty() ? "" : " ") + state_name(state);
                    if (script) script(std::string("state ") + state_name(state));
                },
        };
        std::vector<std::string> command{program, "7"};
        if (options.verify) command.emplace_back(xen::save::kVerifyArgument);
        return xen::GuestSaveRounds(guest, std::move(command), destination, options, observer, control).run();
    }

    Script script;
    std::mutex mutex;
    FakeGuest guest;
    ScriptedDestination destination;
    MigrationOptions options;
    Control control;
    std::string program = VMBUDDIES_FAKE_SAVE;
    std::string states;
    std::vector<RoundStats> rounds;
    std::vector<Progress> progress;
};

}  // namespace vmbuddies::test
