// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <csignal>
#include <cstring>

#include "core/stream_writer.h"
#include "host.h"
#include "process/process_source.h"
#include "process/process_tail.h"

namespace vmbuddies::process::test {

TEST_CASE("the engine sees what is present, dirty and mapped") {
    const Host host;
    const auto domain = host.start("web", steady());
    domain->balloon(310 << kPageShift, kPatience);
    ProcessSource source(host.open("web"));
    CHECK(source.end_pfn() == 512);
    Bitmap present(512);
    source.present_pages(present);
    CHECK(present.count() == 310);
    CHECK(present.find_clear(0) == 310);

    CHECK(error_of([&] { source.dirty_count(); }) == ErrorCode::kState);
    source.enable_dirty_log();
    CHECK(error_of([&] { source.enable_dirty_log(); }) == ErrorCode::kState);
    REQUIRE(let_write(*domain, 50));
    CHECK(source.dirty_count() > 2);
    source.suspend(kPatience);
    Bitmap peeked(512);
    source.peek_dirty(0, 512, peeked);
    Bitmap dirty(512);
    source.clean_dirty(dirty, Clean::kFinal);
    CHECK(dirty.count() == peeked.count());
    CHECK(dirty.test(0));
    CHECK(source.dirty_count() == 0);

    const std::vector<Pfn> pages{299, 0, 7};
    std::vector<const std::byte*> addresses(pages.size());
    source.map_pages(pages, addresses);
    for (std::size_t i = 0; i < pages.size(); ++i) {
        CHECK(std::memcmp(addresses[i], domain->memory() + (pages[i] << kPageShift), kPageSize) == 0);
    }
    source.disable_dirty_log();
    source.disable_dirty_log();
    CHECK(domain->info().present_bytes == 310 << kPageShift);
    source.resume();
    CHECK(let_write(*domain, 1));
}

TEST_CASE("a guest suspended by its migration is resumed by nobody else, unless the migration is gone") {
    const Host host;
    const auto domain = host.start("web", steady());
    auto source = std::make_unique<ProcessSource>(host.open("web"));
    source->enable_dirty_log();
    domain->suspend(kPatience);
    domain->resume();
    source->suspend(kPatience);
    CHECK(error_of([&] { domain->resume(); }) == ErrorCode::kState);
    source->resume();
    CHECK(let_write(*domain, 1));
    source->suspend(kPatience);
    source.reset();
    CHECK(domain->info().paused);
    domain->resume();
    CHECK(let_write(*domain, 1));
    ProcessSource next(host.open("web"));
    next.enable_dirty_log();
    domain->suspend(kPatience);
    domain->resume();
}

TEST_CASE("the tail says how far the guest has come") {
    const Host host;
    ProcessSource source(host.start("web", steady()));
    REQUIRE(let_write(source.domain(), 20));
    source.suspend(kPatience);
    std::vector<std::byte> bytes;
    StreamWriter writer([&](std::span<const iovec> parts) {
        for (const iovec& part : parts) {
            const auto* data = static_cast<const std::byte*>(part.iov_base);
            bytes.insert(bytes.end(), data, data + part.iov_len);
        }
    });
    source.write_tail(writer);
    REQUIRE(bytes.size() == stream::kRecordHeaderBytes + 16);
    const ProcessTail tail = ProcessTail::decode(std::span(bytes).subspan(stream::kRecordHeaderBytes, 16));
    CHECK(tail.writes == source.domain().info().writes);
}

TEST_CASE("the engine is told when the guest ends") {
    const Host host;
    ProcessSource source(host.start("web", steady()));
    source.enable_dirty_log();
    ::kill(source.domain().pid(), SIGKILL);
    REQUIRE(eventually([&] { return !source.domain().alive(); }));
    Bitmap bitmap(512);
    StreamWriter writer([](std::span<const iovec>) {});
    const std::vector<Pfn> pages{1};
    std::vector<const std::byte*> addresses(1);
    CHECK(error_of([&] { source.present_pages(bitmap); }) == ErrorCode::kDomainGone);
    CHECK(error_of([&] { source.dirty_count(); }) == ErrorCode::kDomainGone);
    CHECK(error_of([&] { source.peek_dirty(0, 512, bitmap); }) == ErrorCode::kDomainGone);
    CHECK(error_of([&] { source.clean_dirty(bitmap, Clean::kLive); }) == ErrorCode::kDomainGone);
    CHECK(error_of([&] { source.map_pages(pages, addresses); }) == ErrorCode::kDomainGone);
    CHECK(error_of([&] { source.suspend(kPatience); }) == ErrorCode::kDomainGone);
    CHECK(error_of([&] { source.resume(); }) == ErrorCode::kDomainGone);
    CHECK(error_of([&] { source.write_tail(writer); }) == ErrorCode::kDomainGone);
    source.disable_dirty_log();
}

}  // namespace vmbuddies::process::test
