// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <thread>

#include "lab_guest.h"
#include "xen/log_dirty.h"

namespace vmbuddies::xen::test {
namespace {

/// Another process that keeps the guest's dirty log until it is killed.
class ForeignOwner {
   public:
    ForeignOwner() {
        int ready[2];
        if (::pipe(ready) != 0) throw std::runtime_error("no pipe");
        pid_ = ::fork();
        if (pid_ == 0) {
            const auto domain = open_lab_guest();
            const auto log = LogDirty::enable(*domain);
            if (::write(ready[1], "!", 1) == 1) ::pause();
            ::_exit(1);
        }
        char byte;
        ::close(ready[1]);
        const bool is_ready = ::read(ready[0], &byte, 1) == 1;
        ::close(ready[0]);
        if (!is_ready) throw std::runtime_error("the other owner has failed");
    }
    ForeignOwner(const ForeignOwner&) = delete;
    ForeignOwner& operator=(const ForeignOwner&) = delete;
    ~ForeignOwner() { kill(); }

    pid_t pid() const noexcept { return pid_; }
    void kill() noexcept {
        if (pid_ <= 0) return;
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
        pid_ = 0;
    }

   private:
    pid_t pid_ = 0;
};

TEST_CASE("the log counts what the guest writes") {
    auto domain = open_lab_guest();
    auto log = LogDirty::enable(*domain);
    Bitmap pages(log->end_pfn());
    const std::uint64_t before = next_count(*domain);
    log->clean(pages, Clean::kLive);
    std::uint64_t written = 0;
    while (written < 3000) written = next_count(*domain) - before;
    const std::uint64_t dirty = log->count();
    MESSAGE("the guest told of " << written << " pages, the log of " << dirty);
    // Its kernel writes too, and in a second or two under way a page may be written twice.
    CHECK(dirty >= written * 9 / 10);
    CHECK(dirty <= written + 2500);
}

TEST_CASE("a peek changes nothing, a clean empties the log, and both hold what was counted") {
    auto domain = open_lab_guest();
    auto log = LogDirty::enable(*domain);
    std::this_thread::sleep_for(std::chrono::seconds(2));
    const Pfn end = log->end_pfn();
    Bitmap peeked(end);
    const std::uint64_t before = log->count();
    log->peek(0, end, peeked);
    CHECK(peeked.count() >= before);
    Bitmap cleaned(end);
    cleaned.set(end - 1);
    const std::uint64_t returned = log->clean(cleaned, Clean::kLive);
    CHECK(returned >= peeked.count());
    CHECK(cleaned.test(end - 1));
    CHECK(cleaned.count_union(peeked) == cleaned.count());
    CHECK(log->count() < returned);
}

TEST_CASE("a peek replaces its range, and leaves the rest as it is") {
    auto domain = open_lab_guest();
    auto log = LogDirty::enable(*domain);
    std::this_thread::sleep_for(std::chrono::seconds(2));
    const Pfn end = log->end_pfn();
    Bitmap all(end), part(end);
    log->peek(0, end, all);
    part.set_range(0, end);
    log->peek(101, 30'003, part);
    CHECK(part.count(0, 101) == 101);
    CHECK(part.count(30'003, end) == end - 30'003);
    CHECK(part.count(101, 30'003) >= all.count(101, 30'003));
    CHECK(part.count(101, 30'003) < 30'003 - 101);
}

TEST_CASE("a log has one owner, in this process and in all others") {
    auto domain = open_lab_guest();
    {
        auto log = LogDirty::enable(*domain);
        auto second = open_lab_guest();
        CHECK(failure(ErrorCode::kDirtyLogBusy, [&] {
                  LogDirty::enable(*second);
              }).ends_with("belongs to process " + std::to_string(::getpid()) + "."));
    }
    const ForeignOwner owner;
    CHECK(failure(ErrorCode::kDirtyLogBusy, [&] {
              LogDirty::enable(*domain);
          }).ends_with("belongs to process " + std::to_string(owner.pid()) + "."));
    CHECK(failure(ErrorCode::kState, [&] { domain->balloon(96u << 20, std::chrono::seconds(1)); }) != "");
}

TEST_CASE("a log that a killed owner has left on is taken over, empty") {
    ForeignOwner owner;
    auto domain = open_lab_guest();
    std::this_thread::sleep_for(std::chrono::seconds(3));
    owner.kill();
    auto log = LogDirty::enable(*domain);
    const std::uint64_t dirty = log->count();
    MESSAGE("dirty right after the takeover: " << dirty);
    CHECK(dirty < 1000);
}

TEST_CASE("a guest that ends while its log is kept is told of, whatever the hypervisor answers" *
          doctest::skip(std::getenv("VMBUDDIES_LAB_DOOMED_GUEST") == nullptr)) {
    auto domain = XenDomain::open(std::getenv("VMBUDDIES_LAB_DOOMED_GUEST"));
    auto log = LogDirty::enable(*domain);
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(120);
    MESSAGE(failure(ErrorCode::kDomainGone, [&] {
        while (std::chrono::steady_clock::now() < deadline) {
            log->count();
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
    }));
    Bitmap pages(log->end_pfn());
    MESSAGE(failure(ErrorCode::kDomainGone, [&] { log->clean(pages, Clean::kLive); }));
    MESSAGE(failure(ErrorCode::kDomainGone, [&] { domain->suspend(std::chrono::seconds(1)); }));
}

}  // namespace
}  // namespace vmbuddies::xen::test
