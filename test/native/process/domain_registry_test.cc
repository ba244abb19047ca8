// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <atomic>
#include <barrier>
#include <csignal>
#include <fstream>
#include <thread>
#include <vector>

#include "host.h"
#include "process/registry.h"

namespace vmbuddies::process::test {
namespace {

/// A file in the registry that somebody holds a lock on, as a living guest does.
UniqueFd locked_file(const Host& host, const std::string& name, const std::string& content) {
    const std::string path = host.registry() + "/" + name;
    std::ofstream(path) << content;
    UniqueFd file(::open(path.c_str(), O_RDWR | O_CLOEXEC));
    REQUIRE(::flock(file.get(), LOCK_EX | LOCK_NB) == 0);
    return file;
}

}  // namespace

TEST_CASE("names are checked") {
    for (const char* name : {"web", "a", "Web_1.example-2", "0"}) check_domain_name(name);
    check_domain_name(std::string(64, 'x'));
    for (const char* name :
         {"", ".", "..", ".web", "-web", "a/b", "a b", "w\xc3\xa9", "web--incoming", "web--migratedaway", "a\n"}) {
        CHECK(error_of([&] { check_domain_name(name); }) == ErrorCode::kArgument);
    }
    CHECK(error_of([] { check_domain_name(std::string(65, 'x')); }) == ErrorCode::kArgument);
    const Host host;
    CHECK(error_of([&] { host.start("../web", steady()); }) == ErrorCode::kArgument);
    CHECK(error_of([&] { host.open("../web"); }) == ErrorCode::kDomainNotFound);
}

TEST_CASE("the registry is made for its user alone, and refused when it is not") {
    const Host host;
    CHECK(ProcessDomain::list(host.registry() + "/deep/er").empty());
    struct stat status {};
    REQUIRE(::stat((host.registry() + "/deep").c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0700);
    REQUIRE(::chmod((host.registry() + "/deep").c_str(), 0770) == 0);
    CHECK(error_of([&] { ProcessDomain::list(host.registry() + "/deep"); }) == ErrorCode::kArgument);
    std::ofstream(host.registry() + "/file") << "x";
    CHECK(error_of([&] { ProcessDomain::list(host.registry() + "/file"); }) != ErrorCode::kDomainGone);
    CHECK(error_of([&] { ProcessDomain::list(""); }) == ErrorCode::kArgument);
}

TEST_CASE("a name belongs to one living domain") {
    const Host host;
    const auto web = host.start("web", steady());
    CHECK(error_of([&] { host.start("web", steady()); }) == ErrorCode::kDomainExists);
    const auto db = host.start("db", steady());
    CHECK(error_of([&] { db->rename("web"); }) == ErrorCode::kDomainExists);
    CHECK(db->name() == "db");
    web->destroy();
    db->rename("web");
    CHECK(db->name() == "web");
    CHECK(host.open("web")->pid() == db->pid());
    CHECK_FALSE(host.has("db"));
    CHECK(error_of([&] { db->rename("a/b"); }) == ErrorCode::kArgument);
}

TEST_CASE("a stale handle renames nobody else") {
    const Host host;
    const auto first = host.start("web", steady());
    const auto stale = host.open("web");
    first->rename("db");
    const auto second = host.start("web", steady());
    CHECK(error_of([&] { stale->rename("app"); }) == ErrorCode::kDomainNotFound);
    CHECK(host.has("web"));
    CHECK(host.has("db"));
}

TEST_CASE("a domain that died without a word leaves no entry behind") {
    const Host host;
    const auto web = host.start("web", steady());
    ::kill(web->pid(), SIGKILL);
    REQUIRE(eventually([&] { return !web->alive(); }));
    CHECK(ProcessDomain::list(host.registry()).empty());
    CHECK(std::filesystem::is_empty(host.registry()));
}

TEST_CASE("a dead entry counts as dead to all who look at it at once") {
    const Host host;
    const Registry registry(host.registry());
    constexpr int kLookers = 4;
    constexpr int kTimes = 200;
    std::atomic<int> taken_for_alive{0};
    std::barrier together(kLookers + 1);
    std::vector<std::jthread> lookers;
    lookers.reserve(kLookers);
    for (int i = 0; i < kLookers; ++i) {
        lookers.emplace_back([&] {
            for (int time = 0; time < kTimes; ++time) {
                together.arrive_and_wait();
                try {
                    registry.check_free("web");
                } catch (const Error&) {
                    ++taken_for_alive;
                }
                together.arrive_and_wait();
            }
        });
    }
    for (int time = 0; time < kTimes; ++time) {
        std::ofstream(host.registry() + "/web") << "vmbuddies-domain 1 4194304 3 4\n";
        together.arrive_and_wait();
        together.arrive_and_wait();
    }
    lookers.clear();
    CHECK(taken_for_alive.load() == 0);
    CHECK(std::filesystem::is_empty(host.registry()));
}

TEST_CASE("the longest name has room for the mark of a source that has stepped aside, and comes back from it") {
    const Host host;
    const std::string longest(64, 'x');
    const auto domain = host.start(longest, idle());
    domain->rename(longest + kMovedAwaySuffix);
    CHECK(host.open(longest + kMovedAwaySuffix)->pid() == domain->pid());
    domain->rename(longest);
    CHECK(host.has(longest));
    CHECK(error_of([&] { domain->rename("web--migratedaway--migratedaway"); }) == ErrorCode::kArgument);
}

TEST_CASE("what is no domain is passed by and left alone") {
    const Host host;
    const auto web = host.start("web", steady());
    const std::filesystem::path folder = host.registry();
    std::ofstream(folder / "readme") << "not an entry";
    std::ofstream(folder / "empty");
    std::ofstream(folder / "strange name") << "x";
    std::filesystem::create_directory(folder / "folder");
    std::filesystem::create_symlink("/etc/passwd", folder / "link");
    REQUIRE(::mkfifo((folder / "fifo").c_str(), 0600) == 0);
    const auto garbage = locked_file(host, "garbage", "vmbuddies-domain 1 what is this\n");
    const auto negative = locked_file(host, "negative", "vmbuddies-domain 1 -5 3 4\n");
    const auto nobody = locked_file(host, "nobody", "vmbuddies-domain 1 4194304 3 4\n");
    const auto not_a_guest = locked_file(host, "other", "vmbuddies-domain 1 " + std::to_string(::getpid()) + " 0 1\n");

    const auto domains = ProcessDomain::list(host.registry());
    REQUIRE(domains.size() == 1);
    CHECK(domains[0].name == "web");
    for (const char* name : {"readme", "empty", "folder", "link", "fifo", "garbage", "negative", "other", "missing"}) {
        CHECK(error_of([&] { host.open(name); }) == ErrorCode::kDomainNotFound);
    }
    CHECK(error_of([&] { host.open("nobody"); }) == ErrorCode::kDomainGone);
    for (const char* name : {"readme", "empty", "strange name", "folder", "link", "fifo", "garbage"}) {
        CHECK(std::filesystem::exists(std::filesystem::symlink_status(folder / name)));
    }
}

TEST_CASE("what a starter left behind halfway is removed") {
    const Host host;
    const Registry registry(host.registry());
    { const auto draft = registry.draft("web"); }
    CHECK_FALSE(std::filesystem::is_empty(host.registry()));
    CHECK(registry.names().empty());
    CHECK(std::filesystem::is_empty(host.registry()));
}

TEST_CASE("a guest program that cannot run leaves nothing behind") {
    const Host host;
    StartOptions options = Host::options("web", steady());
    options.guest_program = "/no/such/program";
    CHECK(error_of([&] { ProcessDomain::start(host.registry(), options); }) == ErrorCode::kUnavailable);
    options.guest_program = "/bin/true";
    CHECK(error_of([&] { ProcessDomain::start(host.registry(), options); }) == ErrorCode::kMemory);
    CHECK(std::filesystem::is_empty(host.registry()));
}

}  // namespace vmbuddies::process::test
