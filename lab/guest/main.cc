// SPDX-License-Identifier: MIT
// The guest that the lab migrates: it dirties memory at a known rate, knows what its memory must hold, and says through
// xenstore how it goes.
#include <linux/reboot.h>
#include <sys/reboot.h>

#include <charconv>
#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <fstream>
#include <string>
#include <thread>

#include "agent.h"
#include "board.h"
#include "options.h"
#include "refuse_suspend.h"
#include "writer.h"

namespace {

std::string first_line_of(const char* file) {
    std::string line;
    std::getline(std::ifstream(file), line);
    return line;
}

/// The first 32 bits of a UUID.
std::uint64_t seed_from(const std::string& boot_id) {
    std::uint64_t seed = 0;
    std::from_chars(boot_id.data(), boot_id.data() + boot_id.size(), seed, 16);
    return seed << 32;
}

}  // namespace

int main() {
    using namespace vmbuddies::lab;
    std::setvbuf(stdout, nullptr, _IOLBF, 0);
    const Options options = options_from(first_line_of("/proc/cmdline"));
    const std::string boot_id = first_line_of("/proc/sys/kernel/random/boot_id");
    std::printf("guest: boot %s, clock %s, %" PRIu64 " pages/s over %" PRIu64 " bytes\n", boot_id.c_str(),
                first_line_of("/sys/devices/system/clocksource/clocksource0/current_clocksource").c_str(),
                options.pages_per_second, options.wss_bytes);

    Board board;
    board.wished_pages_per_second = options.pages_per_second;
    board.wished_wss_bytes = options.wss_bytes;
    if (options.ignore_suspend != 0) refuse_suspend();
    std::thread([&] { Agent(board, boot_id, options.agent != 0).run(); }).detach();
    if (options.poweroff_after != 0) {
        std::thread([after = std::chrono::seconds(options.poweroff_after)] {
            std::this_thread::sleep_for(after);
            ::reboot(LINUX_REBOOT_CMD_POWER_OFF);
        }).detach();
    }
    Writer(board, seed_from(boot_id)).run();
}
