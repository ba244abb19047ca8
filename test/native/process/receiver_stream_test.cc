// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <functional>

#include "../core/seed.h"
#include "caught.h"
#include "receiver_peer.h"

namespace vmbuddies::process {
namespace {

using namespace test;
using vmbuddies::test::below;
using Kind = ReceiverEvent::Kind;

TEST_CASE("a stream that is not this domain's is dropped, with the reason") {
    const StillDomain source;
    const ProcessDomain& domain = *source.domain;
    const std::uint64_t writes = domain.info().writes;
    ReceivingHost to;
    const auto failure = [&](const std::function<void(ScriptedSender&)>& stream) {
        to.events.clear();
        ScriptedSender sender(to);
        sender.hello(domain.info());
        sender.expect(FrameType::kAccepted);
        stream(sender);
        const doctest::String reason = sender.refusal();
        CHECK(reason == doctest::Contains(to.events.await(Kind::kDropped).message.c_str()));
        CHECK(to.is_empty());
        return reason;
    };
    CHECK(failure([](ScriptedSender& s) { s.begin(stream::DomainType::kX86Pv); }) == doctest::Contains("type"));
    CHECK(failure([&](ScriptedSender& s) {
              s.begin();
              s.pages(domain, 0, domain.pages());
              s.writer.end();
          }) == doctest::Contains("no tail"));
    CHECK(failure([&](ScriptedSender& s) {
              s.begin();
              s.pages(domain, 0, domain.pages());
              s.tail(writes + 1);
              s.writer.end();
          }) == doctest::Contains("header"));
    CHECK(failure([&](ScriptedSender& s) {
              s.begin();
              s.pages(domain, 1, domain.pages());
              s.tail(writes);
              s.writer.end();
          }) == doctest::Contains("header"));
    CHECK(failure([&](ScriptedSender& s) {
              s.begin();
              const StreamWriter::Page page{domain.pages(), domain.memory(), stream::PageType::kNormal};
              s.writer.pages({&page, 1});
          }) == doctest::Contains("PAGE_DATA"));
    CHECK(failure([&](ScriptedSender& s) {
              s.whole_stream(domain);
              s.expect(FrameType::kPrepared);
              s.say(FrameType::kHello);
          }) == doctest::Contains("Hello is no answer to Prepared"));
}

TEST_CASE("no bytes can do worse to a receiver than be dropped") {
    const std::uint64_t seed = vmbuddies::test::seed();
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    const StillDomain source;
    std::vector<std::byte> wire;
    StreamWriter writer([&](std::span<const iovec> parts) {
        for (const iovec& part : parts) {
            const auto* bytes = static_cast<const std::byte*>(part.iov_base);
            wire.insert(wire.end(), bytes, bytes + part.iov_len);
        }
    });
    writer.headers(stream::DomainType::kProcess);
    writer.record(stream::RecordType::kStaticDataEnd, {});
    for (Pfn pfn = 0; pfn < source.domain->pages(); ++pfn) {
        const StreamWriter::Page page{pfn, source.domain->memory() + (pfn << kPageShift), stream::PageType::kNormal};
        writer.pages({&page, 1});
    }
    writer.record(stream::RecordType::kProcessTail, ProcessTail{.writes = 0}.encode().bytes());
    writer.end();

    ReceivingHost to;
    for (int i = 0; i < 40; ++i) {
        std::vector<std::byte> bytes = wire;
        for (auto changes = 1 + below(random, 20); changes > 0; --changes) {
            // Mostly near the start of a record: that is where the numbers are.
            const std::size_t record = 48 + below(random, source.domain->pages()) * (24 + kPageSize);
            const std::size_t at = below(random, 4) == 0 ? below(random, bytes.size()) : record + below(random, 24);
            bytes[std::min(at, bytes.size() - 1)] = static_cast<std::byte>(random());
        }
        if (i % 4 == 0) bytes.resize(below(random, bytes.size()));
        to.events.clear();
        {
            ScriptedSender sender(to);
            sender.hello(source.domain->info());
            sender.expect(FrameType::kAccepted);
            const iovec part{bytes.data(), bytes.size()};
            try {
                sender.link.write({&part, 1}, {});
            } catch (const Error& error) {
                CHECK(error.code() != ErrorCode::kDeadline);
            }
        }
        to.events.await(Kind::kDropped);
        CHECK(to.is_empty());
    }
}

}  // namespace
}  // namespace vmbuddies::process
