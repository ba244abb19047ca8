// SPDX-License-Identifier: MIT
// Everything that a peer may do to a receiver: each is refused in one sentence and leaves nothing, and honest domains
// move meanwhile.
#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <functional>
#include <thread>

#include "../core/seed.h"
#include "receiver_peer.h"

namespace vmbuddies::process {
namespace {

using namespace test;
using vmbuddies::test::below;

const std::string kSecret = "of this one receiver only";

std::size_t open_descriptors() {
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) ++count;
    return count;
}

/// A line of /proc/self/status, its number.
std::uint64_t status_line(const std::string& name) {
    std::ifstream in("/proc/self/status");
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with(name + ":")) return std::stoull(line.substr(name.size() + 1));
    }
    return 0;
}

bool is_one_sentence(const std::string& text) {
    return text.size() > 10 && text.size() < 1000 && text.ends_with('.') &&
           std::ranges::none_of(text, [](unsigned char c) { return c < 0x20 || c >= 0x7f; });
}

/// How far a peer gets before it misbehaves.
enum class State { kConnected, kGreeted, kAccepted, kStreaming, kPrepared };
constexpr State kStates[] = {State::kConnected, State::kGreeted, State::kAccepted, State::kStreaming, State::kPrepared};

/// One peer, on its way to a state and then to no good.
class Hostile {
   public:
    Hostile(const ReceivingHost& to, const StillDomain& source, State state, const std::string& secret)
        : sender(to), source_(source) {
        if (state >= State::kGreeted) sender.greet(secret);
        if (state >= State::kAccepted) {
            Offer offer = Offer::of(source.domain->info());
            // One that hung up may still be dying, and its name be taken as long.
            static std::atomic<int> number = 0;
            offer.name = "hostile-" + std::to_string(++number);
            sender.say(FrameType::kOffer, offer.encode().bytes());
            sender.expect(FrameType::kAccepted);
        }
        if (state >= State::kStreaming) {
            sender.begin();
            sender.pages(*source.domain, 0, 20);
        }
        if (state >= State::kPrepared) {
            sender.pages(*source.domain, 20, source.domain->pages());
            sender.tail(source.domain->info().writes);
            sender.writer.end();
            sender.expect(FrameType::kPrepared);
        }
    }

    void raw(std::span<const std::byte> bytes) {
        const iovec part{const_cast<std::byte*>(bytes.data()), bytes.size()};
        sender.link.write({&part, 1}, {});
    }
    /// What the receiver has to say to it, "" if it only hung up.
    std::string answer() {
        try {
            for (;;) {
                if (!sender.link.next(kPatience, {})) return "never answered";
            }
        } catch (const Error& error) {
            if (error.code() != ErrorCode::kPeerRefused) return "";
            const std::string text = error.what();
            return text.substr(text.find("said no: ") + 9);
        }
    }

    ScriptedSender sender;

   private:
    const StillDomain& source_;
};

/// Domains that move through the receiver one after the other, for as long as this lives.
class HonestGroup {
   public:
    explicit HonestGroup(const ReceivingHost& to)
        : thread_([this, &to](const std::stop_token& stop) {
              while (!stop.stop_requested()) move_all(to);
          }) {}
    int moved() const { return moved_; }
    std::string failure() {
        thread_.request_stop();
        thread_.join();
        return failure_;
    }

   private:
    void move_all(const ReceivingHost& to) {
        try {
            std::vector<std::unique_ptr<ScriptedSender>> senders;
            for (std::size_t i = 0; i < 3; ++i) {
                Offer offer = Offer::of(source_.domain->info());
                offer.name = "honest-" + std::to_string(i);
                offer.uuid = std::string(32, static_cast<char>('a' + i));
                senders.emplace_back(std::make_unique<ScriptedSender>(to))->hello(offer, kSecret);
            }
            const auto all = [&](const std::function<void(ScriptedSender&)>& step) {
                for (const auto& sender : senders) step(*sender);
            };
            all([](ScriptedSender& s) { s.link.expect(FrameType::kAccepted, kPatience, {}); });
            all([&](ScriptedSender& s) { s.whole_stream(*source_.domain); });
            all([](ScriptedSender& s) { s.expect(FrameType::kPrepared); });
            all([](ScriptedSender& s) { s.commit(); });
            all([](ScriptedSender& s) { s.link.expect(FrameType::kStarted, kPatience, {}); });
            for (std::size_t i = 0; i < 3; ++i) {
                to.host.open("honest-" + std::to_string(i))->destroy();
                ++moved_;
            }
        } catch (const std::exception& error) {
            failure_ = error.what();
            thread_.request_stop();
        }
    }

    StillDomain source_;
    std::atomic<int> moved_ = 0;
    std::string failure_;
    std::jthread thread_;
};

struct Case {
    std::string what;
    State state;
    std::function<void(Hostile&)> act;
    bool hangs_up = false;  ///< the peer goes, so that nothing can be said to it
    bool answered = true;   ///< otherwise the receiver may only hang up: its last words meet bytes that it never read
};

std::string named(const char* what, State state, std::uint64_t detail) {
    return std::string(what) + " " + std::to_string(detail) + " in state " + std::to_string(static_cast<int>(state));
}

std::vector<Case> cases(std::mt19937_64& random) {
    std::vector<Case> all;
    for (const State state : kStates) {
        const bool in_stream = state == State::kAccepted || state == State::kStreaming;
        // Every frame in every state but where it is due, sealed as the connection is; an unknown one; with any
        // content.
        for (std::uint32_t type = 0; type <= 20; ++type) {
            const auto frame = static_cast<FrameType>(type);
            if (state == State::kPrepared && frame == FrameType::kAlive) continue;
            const auto payload = random_bytes(random, below(random, 3) == 0 ? 0 : below(random, 600));
            all.push_back(
                {named("frame", state, type), state, [frame, payload](Hostile& h) { h.sender.say(frame, payload); }});
        }
        for (std::uint32_t type : {1U, 3U, 5U, 6U, 8U, 10U, 13U}) {  // without a code, where one is due
            const auto payload = random_bytes(random, below(random, 100));
            all.push_back({named("unsealed frame", state, type), state, [type, payload](Hostile& h) {
                               h.raw(
                                   raw_frame(Frame::kMagic, type, static_cast<std::uint32_t>(payload.size()), payload));
                           }});
        }
        for (const std::uint32_t length : {8193U, 65536U, 0x7FFFFFFFU, 0xFFFFFFFFU}) {
            all.push_back({named("length", state, length), state,
                           [length](Hostile& h) { h.raw(raw_frame(Frame::kMagic, 5, length)); }});
        }
        for (int i = 0; i < 16; ++i) {
            const auto bytes = random_bytes(random, 64 + below(random, 20'000));
            all.push_back({.what = named("noise", state, bytes.size()),
                           .state = state,
                           .act = [bytes](Hostile& h) { h.raw(bytes); },
                           .answered = bytes.size() < 8192});
        }
        for (int i = 0; i < 6; ++i) {
            const bool resets = i % 2 == 1;
            const auto bytes = raw_frame(Frame::kMagic, static_cast<std::uint32_t>(1 + below(random, 14)), 4000);
            const auto cut = below(random, bytes.size());
            all.push_back({.what = named("cut", state, cut),
                           .state = state,
                           .act =
                               [bytes, cut, resets](Hostile& h) {
                                   h.raw(std::span(bytes).first(cut));
                                   if (resets) return h.sender.link.await_end(0ms);
                                   h.sender.link.finish();
                               },
                           .hangs_up = true});
        }
        if (in_stream) {
            for (int i = 0; i < 12; ++i) {  // a record that is none
                WireWriter record;
                record.u32(static_cast<std::uint32_t>(below(random, 40)));
                record.u32(static_cast<std::uint32_t>(random()));
                const std::vector<std::byte> bytes(record.bytes().begin(), record.bytes().end());
                all.push_back({named("record", state, i), state, [bytes](Hostile& h) { h.raw(bytes); }});
                all.back().answered = false;
            }
        }
    }
    // Offers of what cannot be, or must not come here.
    const auto offers = [&](const char* what, const std::function<void(Offer&)>& spoil) {
        all.push_back({std::string("offer: ") + what, State::kGreeted, [spoil](Hostile& h) {
                           StillDomain domain;
                           Offer offer = Offer::of(domain.domain->info());
                           spoil(offer);
                           h.sender.say(FrameType::kOffer, offer.encode().bytes());
                       }});
    };
    for (const char* name : {"", ".", "..", "../../etc/passwd", "-rf", "a b", "a\nb", "\x1b[2J", "web--incoming",
                             "\xe2\x80\xae:evil", "a/b", "caf\xc3\xa9"}) {
        offers("a name", [name](Offer& o) { o.name = name; });
    }
    offers("a name too long", [](Offer& o) { o.name = std::string(65, 'a'); });
    offers("a uuid of another kind", [](Offer& o) { o.uuid = std::string(32, 'G'); });
    offers("a uuid too short", [](Offer& o) { o.uuid = "abc"; });
    offers("more memory than there is", [](Offer& o) { o.memory_bytes = std::uint64_t{1} << 40; });
    offers("memory of half a page", [](Offer& o) { o.memory_bytes += 2048; });
    offers("no memory", [](Offer& o) { o.memory_bytes = 0; });
    offers("all the memory in the world", [](Offer& o) { o.memory_bytes = ~std::uint64_t{0}; });
    offers("more present than there is", [](Offer& o) { o.present_bytes = o.memory_bytes + kPageSize; });
    offers("a working set beyond its memory", [](Offer& o) { o.workload.wws_pages = 1 << 20; });
    offers("a rate that is no number", [](Offer& o) { o.workload.hot_writes_per_second = std::nan(""); });
    offers("a workload of an unknown kind", [](Offer& o) { o.workload.kind = static_cast<WorkloadKind>(99); });
    return all;
}

TEST_CASE("whatever a peer does, it is refused in one sentence, leaves nothing behind, and honest domains move") {
    const std::uint64_t seed = vmbuddies::test::seed();
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    const StillDomain source;
    ReceivingHost to(Receiver::Options{.max_memory_bytes = 256 << 20, .secret = kSecret});
    const auto is_home = [&] {
        return std::ranges::none_of(ProcessDomain::list(to.host.registry()),
                                    [](const DomainInfo& info) { return info.name.starts_with("hostile"); });
    };
    { const Hostile warm_up(to, source, State::kPrepared, kSecret); }
    REQUIRE(eventually(is_home));
    REQUIRE(eventually([] { return status_line("Threads") <= 3; }));
    const std::size_t descriptors = open_descriptors();
    const std::size_t threads = status_line("Threads");
    [[maybe_unused]] const std::uint64_t kilobytes = status_line("VmRSS");

    std::vector<Case> all = cases(random);
    std::ranges::shuffle(all, random);
    CHECK(all.size() >= 300);
    auto honest = std::make_unique<HonestGroup>(to);
    std::vector<Socket> idle;  // and these are there all the time
    idle.reserve(200);
    for (int i = 0; i < 200; ++i) idle.push_back(to.dial());
    for (const Case& one : all) {
        CAPTURE(one.what);
        std::string answer;
        {
            Hostile hostile(to, source, one.state, kSecret);
            try {
                one.act(hostile);
                // In mid-stream a few bytes are no offence yet: what follows them decides.
                if (one.state == State::kAccepted || one.state == State::kStreaming) hostile.sender.link.finish();
            } catch (const Error&) {
                // It was shown the door before it had done all it wanted.
            }
            if (!one.hangs_up) answer = hostile.answer();
        }
        const bool is_right = one.hangs_up || is_one_sentence(answer) || (!one.answered && answer.empty());
        CHECK_MESSAGE(is_right, "it heard: ", answer);
        CHECK(eventually(is_home));
    }
    idle.clear();
    CHECK(honest->failure() == "");
    CHECK(honest->moved() > 0);
    MESSAGE(all.size() << " cases, seed " << seed << ", " << honest->moved() << " honest domains moved meanwhile");
    honest.reset();
    CHECK(eventually([&] { return to.is_empty(); }));
    CHECK(eventually([&] { return status_line("Threads") <= threads; }));
    CHECK(eventually([&] { return open_descriptors() <= descriptors; }));
    // A sanitizer keeps what is freed, and shadows of it.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    CHECK(status_line("VmRSS") < kilobytes + 65'536);
#endif

    // Its memory and names are all there again.
    ScriptedSender last(to);
    Offer offer = Offer::of(source.domain->info());
    offer.name = "hostile";
    last.hello(offer, kSecret);
    last.expect(FrameType::kAccepted);
}

}  // namespace
}  // namespace vmbuddies::process
