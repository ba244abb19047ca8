// SPDX-License-Identifier: MIT
// From the order to stop until it is known that the guest stands still, against SIGSTOP and waitpid on a process
// that does the same work.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "bench.h"
#include "process/guest_memory.h"
#include "process/memory_file.h"
#include "site.h"

namespace vmbuddies::bench {
namespace {

using process::ProcessDomain;

constexpr std::uint64_t kBytes = std::uint64_t{64} << 20;
constexpr int kTrials = 500;
constexpr double kMicroseconds = 1e6;

/// A child of ours that makes a flat-out guest's writes and nothing else.
class BusyChild {
   public:
    BusyChild() : file_(process::create_memory_file("bench", kBytes)) {
        const process::Mapping mapping = process::Mapping::shared(file_.get(), kBytes);
        process::GuestMemory memory(mapping.base(), kBytes >> kPageShift, file_.get());
        process::Workload workload = steady(kBytes / 2, kFlatOut);
        workload.used_pages = kBytes >> kPageShift;
        memory.format(workload);
        pid_ = ::fork();
        if (pid_ < 0) throw Error::system("bench", "There is no second process", errno);
        while (pid_ == 0) memory.step();
    }
    ~BusyChild() {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    BusyChild(const BusyChild&) = delete;
    BusyChild& operator=(const BusyChild&) = delete;

    void stop() const {
        ::kill(pid_, SIGSTOP);
        ::waitpid(pid_, nullptr, WUNTRACED);
    }
    void go_on() const { ::kill(pid_, SIGCONT); }

   private:
    UniqueFd file_;
    pid_t pid_ = -1;
};

/// Lets it run, for a time that falls in step with nothing, and stops it; again and again.
template <class Stop, class GoOn>
std::vector<double> trials(Stop&& stop, GoOn&& go_on) {
    std::vector<double> seconds;
    for (int trial = 0; trial < kTrials; ++trial) {
        std::this_thread::sleep_for(std::chrono::microseconds(1000 + 37 * (trial % 53)));
        seconds.push_back(seconds_of(stop));
        go_on();
    }
    return seconds;
}

std::vector<double> pauses(double writes_per_second) {
    const Site site;
    const auto guest = site.start(kBytes, steady(kBytes / 2, writes_per_second));
    const Killed killed(*guest);
    return trials([&] { guest->suspend(std::chrono::seconds(5)); }, [&] { guest->resume(); });
}

void report(const char* workload, const std::vector<double>& ours, const std::vector<double>& stops) {
    for (const auto& [name, share] : {std::pair{"p50", 0.5}, std::pair{"p99", 0.99}}) {
        Row row{.part = "pause",
                .name = std::string("until known stopped, ") + workload + ", " + name,
                .unit = "us",
                .ours = percentile(ours, share) * kMicroseconds,
                .baseline = Reference{"SIGSTOP", percentile(stops, share) * kMicroseconds}};
        if (share == 0.99) row.goal = Goal{Goal::Of::kOurs, Goal::Bound::kAtMost, 200, 50'000};
        print(row);
    }
}

}  // namespace

void pause() {
    std::vector<double> stops;
    {
        const BusyChild child;
        stops = trials([&] { child.stop(); }, [&] { child.go_on(); });
    }
    report("flat out", pauses(kFlatOut), stops);
    report("20 000 writes/s", pauses(20'000), stops);
}

}  // namespace vmbuddies::bench
