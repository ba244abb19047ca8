// SPDX-License-Identifier: MIT
#include "agent.h"

#include <sys/sysinfo.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <utility>
#include <vector>

#include "number.h"

namespace vmbuddies::lab {
namespace {

constexpr timespec kPeriod{1, 0};

/// Leaves what is wished as it was if the text is no number.
void take(const std::optional<std::string>& text, Board::Number& wish) {
    if (const auto number = number_from(text.value_or(""))) wish = *number;
}

}  // namespace

Agent::Agent(Board& board, std::string boot_id, bool reports_memory)
    : board_(board), boot_id_(std::move(boot_id)), reports_memory_(reports_memory) {}

void Agent::run() {
    if (!store_.valid()) {
        std::puts("guest: no xenstore here, so nobody is told how it goes");
        return;
    }
    for (;; ::nanosleep(&kPeriod, nullptr)) {
        const std::vector<std::string> keys = store_.list("data/vmb");
        // A domain that arrives at another host, or in its own place again, finds an empty data/.
        if (std::ranges::count(keys, "boot_id") == 0) published_.clear();
        if (std::ranges::count(keys, "set") != 0) obey();
        publish();
    }
}

void Agent::obey() {
    static const std::string kWishes = "data/vmb/set";
    for (const std::string& name : store_.list(kWishes)) {
        const std::string path = kWishes + "/" + name;
        if (name == "pages_per_second") take(store_.read(path), board_.wished_pages_per_second);
        if (name == "wss_bytes") take(store_.read(path), board_.wished_wss_bytes);
        if (name == "forget_stalls") {
            board_.forget_stalls = true;
            store_.remove(path);
        }
    }
}

void Agent::publish() {
    const std::uint64_t corrupt = board_.corrupt_pages;
    put("data/vmb/boot_id", boot_id_);
    put("data/vmb/beat", ++beat_);
    put("data/vmb/corrupt", corrupt);
    put("data/vmb/verdict", corrupt == 0 ? "ok" : "corrupt");
    put("data/vmb/sweeps", board_.sweeps);
    put("data/vmb/longest_stall_at", board_.longest_stall_at_unix_ms);
    put("data/vmb/longest_stall_monotonic_ms", board_.longest_stall_monotonic_ms);
    put("data/vmb/longest_stall_ms", board_.longest_stall_ms);
    put("data/vmb/pages_per_second", board_.pages_per_second);
    put("data/vmb/wss_bytes", board_.wss_bytes);
    if (reports_memory_) {
        struct sysinfo memory {};
        ::sysinfo(&memory);
        put("data/meminfo_total", memory.totalram * memory.mem_unit / 1024);
        put("data/meminfo_free", memory.freeram * memory.mem_unit / 1024);
    }
    put("data/vmb/count", board_.pages_written);  // last: whoever waits for it finds all the others
}

void Agent::put(const std::string& path, const std::string& value) {
    std::string& known = published_[path];
    if (known != value && store_.write(path, value)) known = value;
}

}  // namespace vmbuddies::lab
