// SPDX-License-Identifier: MIT
// vmbuddies-bench PART…: measures the native side, each part against a baseline of its own in the same run, and prints
// one JSON object per row. bench/main.mjs runs it and shows the rows.
#include <cstdio>
#include <cstring>
#include <exception>
#include <iterator>

#include "bench.h"

namespace {

struct Part {
    const char* name;
    void (*run)();
};

constexpr Part kParts[] = {
    {"bitmap", vmbuddies::bench::bitmap},       {"zero-page", vmbuddies::bench::zero_page},
    {"dirty-log", vmbuddies::bench::dirty_log}, {"transfer", vmbuddies::bench::transfer},
    {"pacer", vmbuddies::bench::pacer},         {"guest-writes", vmbuddies::bench::guest_writes},
    {"pause", vmbuddies::bench::pause},         {"downtime", vmbuddies::bench::downtime},
};

const Part* part_named(const char* name) {
    for (const Part& part : kParts) {
        if (std::strcmp(part.name, name) == 0) return &part;
    }
    return nullptr;
}

}  // namespace

int main(int argc, char** argv) {
    for (int i = 1; i < argc; ++i) {
        const Part* part = part_named(argv[i]);
        if (part == nullptr) {
            std::fprintf(stderr, "vmbuddies-bench: there is no part named %s\n", argv[i]);
            return 2;
        }
        try {
            part->run();
        } catch (const std::exception& error) {
            std::fprintf(stderr, "vmbuddies-bench: %s: %s\n", part->name, error.what());
            return 1;
        }
    }
    return 0;
}
