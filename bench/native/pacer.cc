// SPDX-License-Identifier: MIT
// How exactly a rate is kept, seen from the receiver's side: a migration that never ends over a loopback socket, its
// rate changed live, against a sender that sleeps after every chunk for as long as the chunk should take.
#include <sys/socket.h>

#include <cmath>
#include <cstring>
#include <thread>

#include "arrivals.h"
#include "bench.h"
#include "core/migration.h"
#include "core/pacer.h"
#include "core/stream_writer.h"
#include "loopback.h"

namespace vmbuddies::bench {
namespace {

using namespace std::chrono_literals;

/// What a domain and a destination are to the pacer: pages without end, and a socket.
class EndlessDomain : public Domain {
   public:
    Pfn end_pfn() override { return kPages; }
    void present_pages(Bitmap& out) override { out.set_range(0, kPages); }
    void enable_dirty_log() override {}
    std::uint64_t dirty_count() override { return kPages; }
    void peek_dirty(Pfn first, Pfn last, Bitmap& out) override { out.clear_range(first, last); }
    void clean_dirty(Bitmap& out, Clean) override { out.set_range(0, kPages); }
    void disable_dirty_log() noexcept override {}
    void map_pages(std::span<const Pfn> pages, std::span<const std::byte*> out) override {
        for (std::size_t i = 0; i < pages.size(); ++i) out[i] = memory_.data() + (pages[i] << kPageShift);
    }
    void suspend(std::chrono::milliseconds) override {}
    std::optional<double> resume() override { return {}; }
    void write_head(StreamWriter& stream) override {
        stream.headers(stream::DomainType::kProcess);
        stream.record(stream::RecordType::kStaticDataEnd, {});
    }
    void write_tail(StreamWriter&) override {}

   private:
    static constexpr Pfn kPages = 4096;
    std::vector<std::byte> memory_ = std::vector<std::byte>(kPages << kPageShift, std::byte{1});
};

class SocketDestination : public Destination {
   public:
    explicit SocketDestination(int fd) : fd_(fd) {}
    void write(std::span<const iovec> parts, std::stop_token) override {
        parts_.assign(parts.begin(), parts.end());
        write_all(fd_, parts_);
    }
    void check_alive() override {}
    void await_prepared(std::stop_token) override {}
    std::optional<double> commit() override { return {}; }
    void abort() noexcept override {}

   private:
    int fd_;
    std::vector<iovec> parts_;
};

struct Rate {
    const char* name;
    std::uint64_t bytes_per_second;
};
constexpr Rate kRates[] = {{"40 Mbit/s", 5'000'000}, {"400 Mbit/s", 50'000'000}, {"5 Gbit/s", 625'000'000}};
constexpr int kSeconds = 5;  // after the first
constexpr auto kRun = 1s + kSeconds * 1s;

/// Errors are in percent of the rate; the burst is how many times the rate went through in the fullest 10 ms.
struct Accuracy {
    double max_error;
    double mean_error;
    double burst;
};

Accuracy accuracy(const Arrivals& arrivals, Clock::time_point begin, double bytes_per_second) {
    const Clock::time_point first = begin + 1s;  // connections and queues fill up before that
    Accuracy accuracy{};
    for (int second = 0; second < kSeconds; ++second) {
        const double error = std::abs(arrivals.bytes_in(first + second * 1s, 1s) / bytes_per_second - 1) * 100;
        accuracy.max_error = std::max(accuracy.max_error, error);
        accuracy.mean_error += error / kSeconds;
    }
    accuracy.burst = arrivals.most_bytes_in_any(10ms, first, first + kSeconds * 1s) / (bytes_per_second * 0.01);
    return accuracy;
}

/// From the order until the new rate holds: from then on, for as long as it is looked at, no tenth of a second is
/// more than 10 % off.
double milliseconds_to_hold(const Arrivals& arrivals, Clock::time_point ordered, double bytes_per_second) {
    auto held_from = ordered;
    for (auto at = ordered; at < ordered + 1s; at += 1ms) {
        if (std::abs(arrivals.bytes_in(at, 100ms) / (bytes_per_second * 0.1) - 1) > 0.1) held_from = at + 1ms;
    }
    return seconds_between(ordered, held_from) * 1e3;
}

/// The sender one writes first: what it oversleeps is lost.
Accuracy naive(std::uint64_t bytes_per_second) {
    Loopback loopback = connect_loopback();
    Arrivals arrivals(loopback.receiver.get());
    const std::vector<std::byte> chunk(Pacer(bytes_per_second, Clock::now()).quantum());
    const std::chrono::duration<double> takes(static_cast<double>(chunk.size()) /
                                              static_cast<double>(bytes_per_second));
    const auto begin = Clock::now();
    while (Clock::now() < begin + kRun) {
        write_all(loopback.sender.get(), chunk.data(), chunk.size());
        std::this_thread::sleep_for(takes);
    }
    loopback.sender.reset();
    arrivals.await_end();
    return accuracy(arrivals, begin, static_cast<double>(bytes_per_second));
}

void report(const Rate& rate, const Accuracy& ours, const Accuracy& baseline) {
    const auto row = [&](const char* what, const char* unit, double Accuracy::*figure, double goal, double fence) {
        print({.part = "pacer",
               .name = std::string(rate.name) + ", " + what,
               .unit = unit,
               .ours = ours.*figure,
               .baseline = Reference{"sleep per chunk", baseline.*figure},
               .goal = Goal{Goal::Of::kOurs, Goal::Bound::kAtMost, goal, fence}});
    };
    row("worst second", "% off", &Accuracy::max_error, 0.3, 10);
    row("mean second", "% off", &Accuracy::mean_error, 0.1, 10);
    row("fullest 10 ms", "x rate", &Accuracy::burst, 2, 20);
}

}  // namespace

void pacer() {
    Loopback loopback = connect_loopback();
    Arrivals arrivals(loopback.receiver.get());
    EndlessDomain domain;
    SocketDestination destination(loopback.sender.get());
    Migration migration(domain, destination,
                        {.stop_rule = {.name = "never"}, .bytes_per_second = kRates[0].bytes_per_second}, {});
    std::thread loop([&] { migration.run(); });
    std::vector<Clock::time_point> ordered;
    for (const Rate& rate : kRates) {
        ordered.push_back(Clock::now());
        migration.set_rate(rate.bytes_per_second);
        std::this_thread::sleep_for(kRun);
    }
    const auto lowered = Clock::now();
    migration.set_rate(kRates[0].bytes_per_second);
    std::this_thread::sleep_for(1200ms);
    migration.abort();
    loop.join();
    loopback.sender.reset();
    arrivals.await_end();

    for (std::size_t i = 0; i < std::size(kRates); ++i) {
        const std::uint64_t rate = kRates[i].bytes_per_second;
        report(kRates[i], accuracy(arrivals, ordered[i], static_cast<double>(rate)), naive(rate));
    }
    const auto change = [&](const char* name, Clock::time_point at, const Rate& to) {
        print({.part = "pacer",
               .name = name,
               .unit = "ms",
               .ours = milliseconds_to_hold(arrivals, at, static_cast<double>(to.bytes_per_second)),
               .goal = Goal{Goal::Of::kOurs, Goal::Bound::kAtMost, 100, 1000}});
    };
    change("raised from 40 to 400 Mbit/s until it holds", ordered[1], kRates[1]);
    change("raised from 400 Mbit/s to 5 Gbit/s until it holds", ordered[2], kRates[2]);
    change("lowered from 5 Gbit/s to 40 Mbit/s until it holds", lowered, kRates[0]);
}

}  // namespace vmbuddies::bench
