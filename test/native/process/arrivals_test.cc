// SPDX-License-Identifier: MIT
#include "process/arrivals.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "host.h"
#include "process/receiver_query.h"
#include "process/registry.h"
#include "receiver_peer.h"

namespace vmbuddies::process::test {
namespace {

using Memory = Arrivals::Memory;

constexpr auto kDay = std::chrono::hours(24);
const std::string kWeb(32, 'a');
const std::string kDb(32, 'b');

std::filesystem::path file_of(const Host& host) { return std::filesystem::path(host.registry()) / ".arrivals"; }

Place ask(const ReceivingHost& to, const std::string& uuid, std::chrono::milliseconds ago = 0ms) {
    return ask_receiver(
        {.host = "127.0.0.1", .port = to.receiver->port(), .uuid = uuid, .ago = ago, .timeout = kPatience}, {});
}

}  // namespace

TEST_CASE("a later receiver of a registry says of a guest that an earlier one let go, and that has left: gone") {
    const StillDomain source;
    ReceivingHost to;
    const std::string uuid = source.domain->info().uuid;
    {
        ScriptedSender sender(to);
        sender.hello(source.domain->info());
        sender.expect(FrameType::kAccepted);
        sender.whole_stream(*source.domain);
        sender.expect(FrameType::kPrepared);
        sender.commit();
        sender.expect(FrameType::kStarted);
    }
    to.host.open("web")->destroy();
    to.receiver.reset();
    to.receiver = std::make_unique<Receiver>(to.options, [&](const ReceiverEvent& event) { to.events.add(event); });
    CHECK(ask(to, uuid) == Place::kGone);
    CHECK(ask(to, kDb) == Place::kAbsent);
}

TEST_CASE("a receiver whose registry is younger than the move that it is asked about does not say absent") {
    ReceivingHost to;
    CHECK(ask(to, kWeb) == Place::kAbsent);
    CHECK(ask(to, kWeb, kDay) == Place::kUnknown);
    std::filesystem::remove(file_of(to.host));
    CHECK(ask(to, kWeb) == Place::kUnknown);
}

TEST_CASE("what has arrived outlasts whoever noted it, and a note that was cut off by a crash spoils no other") {
    const Host host;
    Arrivals(host.registry()).note(kWeb);
    std::ofstream(file_of(host), std::ios::app) << kDb.substr(0, 7);
    CHECK(Arrivals(host.registry()).recall(kWeb, kDay) == Memory::kArrived);
    CHECK(Arrivals(host.registry()).recall(kDb, 0ms) == Memory::kNever);
    Arrivals(host.registry()).note(kDb);
    CHECK(Arrivals(host.registry()).recall(kWeb, kDay) == Memory::kArrived);
    CHECK(Arrivals(host.registry()).recall(kDb, kDay) == Memory::kArrived);
    CHECK(ProcessDomain::list(host.registry()).empty());
}

TEST_CASE("an arrival from before the move that is asked about does not pass for that move's") {
    const Host host;
    const Registry made(host.registry());
    std::ofstream(file_of(host)) << "vmbuddies-arrivals 1 1000\n" << kWeb << " 2000\n";
    const Arrivals arrivals(host.registry());
    CHECK(arrivals.recall(kWeb, kDay) == Memory::kForgotten);
    CHECK(arrivals.recall(kDb, kDay) == Memory::kNever);
    arrivals.note(kWeb);
    CHECK(arrivals.recall(kWeb, kDay) == Memory::kArrived);
}

TEST_CASE("what has arrived is bounded: the oldest is forgotten, and said to be") {
    const Host host;
    const auto numbered = [](std::size_t i) {
        const std::string digits = std::to_string(i);
        return std::string(32 - digits.size(), '0') + digits;
    };
    const Registry made(host.registry());
    {
        std::ofstream file(file_of(host));
        file << "vmbuddies-arrivals 1 1000\n";
        for (std::size_t i = 0; i < 2 * Arrivals::kMaxRemembered; ++i) file << numbered(i) << " " << 2000 + i << "\n";
    }
    const Arrivals arrivals(host.registry());
    const auto since_1970 =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch());
    CHECK(arrivals.recall(numbered(0), since_1970 - 1500ms) == Memory::kArrived);
    CHECK(arrivals.recall(kWeb, since_1970 - 1500ms) == Memory::kNever);
    arrivals.note(kWeb);
    CHECK(arrivals.recall(kWeb, kDay) == Memory::kArrived);
    CHECK(arrivals.recall(numbered(2 * Arrivals::kMaxRemembered - 1), since_1970 - 1500ms) == Memory::kArrived);
    CHECK(arrivals.recall(numbered(0), since_1970 - 1500ms) == Memory::kForgotten);
    CHECK(arrivals.recall(numbered(0), kDay) == Memory::kNever);  // it left longer ago than that
    CHECK(std::filesystem::file_size(file_of(host)) < 60 * (Arrivals::kMaxRemembered + 1));
}

TEST_CASE("a damaged file is begun anew by whoever opens the registry, and nothing is said to be absent for it") {
    const Host host;
    Arrivals(host.registry()).note(kWeb);
    std::ofstream(file_of(host)) << "vmbuddies-arrivals 1 0\nnonsense\n";
    const Arrivals arrivals(host.registry());
    CHECK(arrivals.recall(kWeb, kDay) == Memory::kForgotten);
    arrivals.note(kDb);
    CHECK(arrivals.recall(kDb, kDay) == Memory::kArrived);
}

}  // namespace vmbuddies::process::test
