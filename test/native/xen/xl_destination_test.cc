// SPDX-License-Identifier: MIT
#include "xen/xl_destination.h"

#include <doctest/doctest.h>

#include <thread>

#include "xl_receiver.h"

namespace vmbuddies::xen {
namespace {

using namespace test;

std::string text_of(std::span<const std::uint8_t> bytes) { return {bytes.begin(), bytes.end()}; }

TEST_CASE("a receiver gets header, framed stream and GO byte by byte, and confirms") {
    const NothingLeft nothing_left;
    const Notes notes;
    {
        auto destination = connect(kSayBanner + "head -c 71 >" + notes.path("stream") + ";" + kSayReady +
                                   "head -c 44 >" + notes.path("go") + ";" + kSayReport + say_status(0));
        write(*destination, "libxc ");
        destination->check_alive();
        write(*destination, "stream");
        destination->await_prepared({});
        destination->check_alive();
        CHECK(notes.read("go").empty());
        destination->commit();
        destination->check_alive();
        destination->abort();  // too late to mean anything
    }
    CHECK(notes.read("stream") ==
          "xl header and configuration" + text_of(libxl::kHead) + "libxc stream" + std::string(8, '\0'));
    CHECK(notes.read("go") == std::string("domain is yours, you are cleared to unpause\0", 44));
}

TEST_CASE("libxl's header is big-endian and followed by the record LIBXC_CONTEXT") {
    CHECK(text_of(libxl::kHead) == std::string("LibxlFmt\0\0\0\2\0\0\0\0\1\0\0\0\0\0\0\0", 24));
}

TEST_CASE("a gather list of many parts, some of them empty, arrives whole") {
    const Notes notes;
    std::string expected;
    {
        auto destination = connect(kSayBanner + "head -c 51 >/dev/null; cat >" + notes.path("stream"));
        std::vector<std::string> texts;
        for (int i = 0; i < 3000; ++i)
            texts.push_back(std::string(static_cast<std::size_t>(i % 700), char('a' + i % 26)));
        std::vector<iovec> parts;
        for (std::string& text : texts) {
            parts.push_back({text.data(), text.size()});
            expected += text;
        }
        destination->write(parts, {});
    }
    CHECK(notes.read("stream") == expected);
}

TEST_CASE("aborted in the midst of the stream, the receiver finds end of file there and is waited for") {
    const NothingLeft nothing_left;
    const Notes notes;
    {
        auto destination = connect(kSayBanner + "cat >" + notes.path("stream") + "; sleep 0.7; touch " +
                                   notes.path("destroyed") + "; exit 1");
        write(*destination, "half of a li");
        destination->abort();
        destination->check_alive();
        CHECK_FALSE(notes.has("destroyed"));  // the guest at the source waits for abort() alone
    }
    CHECK(notes.read("stream").ends_with("half of a li"));
    CHECK(notes.has("destroyed"));
}

TEST_CASE("aborted after ready, the receiver can say that its copy is destroyed, and finishes") {
    const NothingLeft nothing_left;
    const Notes notes;
    {
        auto destination =
            prepared("cat >" + notes.path("go") + "; sleep 0.7; " + kDestroyCopy + "touch " + notes.path("finished"));
        destination->abort();
    }
    CHECK(notes.read("go").empty());
    CHECK(notes.has("finished"));
}

TEST_CASE("a destination that just goes away aborts") {
    const Notes notes;
    prepared(kReadAll + kDestroyCopy + "touch " + notes.path("finished")).reset();
    CHECK(notes.has("finished"));
}

TEST_CASE("aborted between the end of the stream and ready, the receiver gets to say ready and finds no GO") {
    const Notes notes;
    std::stop_source source;
    {
        auto destination = connect(kSayBanner + kReadStream + "sleep 0.7;" + kSayReady + "cat >" + notes.path("go") +
                                   ";" + kDestroyCopy + "touch " + notes.path("finished"));
        write(*destination, kStream);
        const std::jthread stopper([&] {
            std::this_thread::sleep_for(20ms);
            source.request_stop();
        });
        CHECK_THROWS_AS(destination->await_prepared(source.get_token()), Aborted);
        destination->abort();
    }
    CHECK(notes.read("go").empty());
    CHECK(notes.has("finished"));
}

TEST_CASE("every wait before the commit can be stopped") {
    std::stop_source source;
    const auto stop_soon = [&] {
        source = {};
        return std::jthread([&] {
            std::this_thread::sleep_for(20ms);
            source.request_stop();
        });
    };
    SUBCASE("for the banner") {
        const auto stopper = stop_soon();
        CHECK_THROWS_AS(XlDestination::connect(options("exec sleep 1000"), source.get_token()), Aborted);
    }
    SUBCASE("for a receiver that reads slowly") {
        auto destination = connect(kSayBanner + "head -c 51 >/dev/null; sleep 0.5;" + kReadAll);
        const auto stopper = stop_soon();
        CHECK_THROWS_AS(write(*destination, std::string(4 << 20, 'x'), source.get_token()), Aborted);
    }
}

TEST_CASE("a slow receiver gets everything, for it does not stall") {
    const Notes notes;
    {
        XlDestination::Options slow =
            options(kSayBanner + "head -c 51 >/dev/null; while :; do head -c 40000 >" + notes.path("part") + "; [ -s " +
                    notes.path("part") + " ] || break; cat " + notes.path("part") + " >>" + notes.path("stream") +
                    "; sleep 0.05; done");
        // What it reads lasts for two seconds and more.
        slow.stall_timeout = 1500ms;
        auto destination = XlDestination::connect(slow, {});
        write(*destination, std::string(2'000'000, 'x'));
    }
    CHECK(notes.read("stream").size() == 2'000'000);
}

TEST_CASE("calls out of their order are refused") {
    auto destination = prepared(kReadAll + kDestroyCopy);
    CHECK(caught([&] { write(*destination, "x"); }).code() == ErrorCode::kState);
    CHECK(caught([&] { destination->await_prepared({}); }).code() == ErrorCode::kState);
    destination->abort();
    CHECK(caught([&] { destination->commit(); }).code() == ErrorCode::kState);
}

TEST_CASE("options out of range are refused before anything is started") {
    XlDestination::Options wrong = options("exit 1");
    wrong.stall_timeout = 0ms;
    CHECK(says(caught([&] { XlDestination::connect(wrong, {}); }), "stallTimeoutMs must be"));
    wrong = options("exit 1");
    wrong.banner_timeout = 25h;
    CHECK(says(caught([&] { XlDestination::connect(wrong, {}); }), "bannerTimeoutMs must be"));
    wrong = options("");
    wrong.command.clear();
    CHECK(caught([&] { XlDestination::connect(wrong, {}); }).code() == ErrorCode::kArgument);
    wrong.command = {"vmbuddies-no-such-program"};
    CHECK(caught([&] { XlDestination::connect(wrong, {}); }).code() == ErrorCode::kUnavailable);
}

// A descriptor of one migration that leaked into another's command would keep the first from ever hearing end of file.
TEST_CASE("many migrations at once, committed and aborted, do not keep each other from ending") {
    const NothingLeft nothing_left;
    {
        std::vector<std::jthread> threads;
        for (int thread = 0; thread < 12; ++thread) {
            threads.emplace_back([thread] {
                for (int i = 0; i < 5; ++i) {
                    if ((thread + i) % 2 == 0) {
                        prepared(kReadGo + kSayReport + say_status(0))->commit();
                    } else {
                        prepared(kReadAll + kDestroyCopy)->abort();
                    }
                }
            });
        }
    }
}

}  // namespace
}  // namespace vmbuddies::xen
