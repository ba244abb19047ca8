// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <sys/wait.h>

#include <cerrno>
#include <csignal>

#include "host.h"
#include "process/control_block.h"

namespace vmbuddies::process::test {
namespace {

/// A process of its own that starts a domain and is then killed, the hard way.
class Owner {
   public:
    explicit Owner(const std::function<void()>& start) : pid_(::fork()) {
        if (pid_ != 0) return;
        try {
            start();
            for (;;) ::pause();
        } catch (...) {
            ::_exit(1);
        }
    }
    ~Owner() { kill(); }
    void kill() {
        if (pid_ <= 0) return;
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
        pid_ = 0;
    }

   private:
    pid_t pid_;
};

}  // namespace

TEST_CASE("a dependent guest ends with its owner") {
    const Host host;
    Owner owner([&] { host.start("web", steady()); });
    REQUIRE(eventually([&] { return host.has("web"); }));
    const auto domain = host.open("web");
    CHECK(let_write(*domain, 10));
    owner.kill();
    CHECK(eventually([&] { return !domain->alive(); }));
    CHECK_FALSE(host.has("web"));
}

TEST_CASE("a paused dependent guest ends with its owner too") {
    const Host host;
    Owner owner([&] { host.start("web", steady()); });
    REQUIRE(eventually([&] { return host.has("web"); }));
    const auto domain = host.open("web");
    domain->suspend(kPatience);
    owner.kill();
    CHECK(eventually([&] { return !domain->alive(); }));
}

TEST_CASE("an independent guest outlives its owner") {
    const Host host;
    Owner owner([&] {
        StartOptions options = Host::options("web", steady());
        options.independent = true;
        ProcessDomain::start(host.registry(), options);
    });
    REQUIRE(eventually([&] { return host.has("web"); }));
    REQUIRE(eventually([&] { return host.open("web")->info().independent; }));
    const auto domain = host.open("web");
    owner.kill();
    std::this_thread::sleep_for(100ms);
    CHECK(let_write(*domain, 10));
    CHECK(domain->verify(kPatience).intact);
    domain->destroy();
    CHECK_FALSE(host.has("web"));
}

TEST_CASE("an incoming guest ends with its receiver, whatever it is to be later") {
    const Host host;
    Owner owner([&] {
        StartOptions options = Host::options("web", steady());
        options.independent = true;
        ProcessDomain::receive(host.registry(), options, std::string(32, '0'));
    });
    REQUIRE(eventually([&] { return host.has("web--incoming"); }));
    const auto domain = host.open("web--incoming");
    owner.kill();
    CHECK(eventually([&] { return !domain->alive(); }));
}

TEST_CASE("a guest outlives the thread and the handle that started it") {
    const Host host;
    std::thread([&] { host.start("web", steady()); }).join();
    std::this_thread::sleep_for(50ms);
    CHECK(let_write(*host.open("web"), 10));
}

TEST_CASE("guests are nobody's children here, and leave no zombies") {
    const Host host;
    const auto domain = host.start("web", steady());
    CHECK(::waitpid(-1, nullptr, WNOHANG) == -1);
    CHECK(errno == ECHILD);
    domain->destroy();
    CHECK(::waitpid(-1, nullptr, WNOHANG) == -1);
}

TEST_CASE("a guest has no descriptors but its own, and a session of its own") {
    const int inherited = ::dup(0);  // without close-on-exec
    const Host host;
    const auto domain = host.start("web", steady());
    int descriptors = 0;
    const std::string folder = "/proc/" + std::to_string(domain->pid()) + "/fd";
    CHECK(eventually([&] { return !std::filesystem::exists(folder + "/" + std::to_string(kGuestStartupFd)); }));
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        ++descriptors;
        const int number = std::stoi(entry.path().filename());
        if (number <= 2) CHECK(std::filesystem::read_symlink(entry.path()) == "/dev/null");
    }
    // Three for the terminal, memory, control block, entry, life line, and the userfaultfd where there is one.
    CHECK(descriptors >= 7);
    CHECK(descriptors <= 8);
    CHECK(::getsid(domain->pid()) != ::getsid(0));
    ::close(inherited);
}

}  // namespace vmbuddies::process::test
