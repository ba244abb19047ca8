// SPDX-License-Identifier: MIT
#include "process/free_memory.h"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <limits>
#include <optional>
#include <sstream>
#include <vector>

#include "core/error.h"

namespace vmbuddies::process {
namespace {

constexpr std::uint64_t kUnlimited = std::numeric_limits<std::uint64_t>::max();

/// A memory controller's files: those of version 1 and 2 differ in name only.
struct Files {
    const char* limit;
    const char* usage;
    const char* cache;  ///< the line of memory.stat that counts page cache nobody has used lately
};
constexpr Files kVersion1{"memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"};
constexpr Files kVersion2{"memory.max", "memory.current", "inactive_file"};

struct Group {
    Files files;
    std::string mount;  ///< where its hierarchy is seen
    std::string path;   ///< in it, "/" for the top
};

std::optional<std::uint64_t> number_in(const std::string& file) {
    std::ifstream in(file);
    std::uint64_t number = 0;
    if (!(in >> number)) return std::nullopt;  // "max" included
    return number;
}

/// The number behind `key` in a file of lines "KEY NUMBER …".
std::optional<std::uint64_t> line_in(const std::string& file, const std::string& key) {
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
        std::istringstream words(line);
        std::string first;
        std::uint64_t number = 0;
        if (words >> first >> number && first == key) return number;
    }
    return std::nullopt;
}

/// Is `word` one of the comma-separated `list`?
bool lists(const std::string& list, const std::string& word) {
    std::istringstream in(list);
    for (std::string item; std::getline(in, item, ',');) {
        if (item == word) return true;
    }
    return false;
}

/// Where the hierarchy is mounted, and which of its folders is seen there; no value if it is not.
std::optional<std::pair<std::string, std::string>> mount_of(const std::string& root, bool version_2) {
    std::ifstream in(root + "/proc/self/mountinfo");
    for (std::string line; std::getline(in, line);) {
        std::istringstream words(line);
        std::string skipped;
        std::string folder;
        std::string mount;
        words >> skipped >> skipped >> skipped >> folder >> mount;
        const std::size_t dash = line.find(" - ");
        if (dash == std::string::npos) continue;
        std::istringstream rest(line.substr(dash + 3));
        std::string type;
        std::string device;
        std::string options;
        rest >> type >> device >> options;
        if (version_2 ? type == "cgroup2" : type == "cgroup" && lists(options, "memory")) return {{mount, folder}};
    }
    return std::nullopt;
}

std::vector<Group> own_groups(const std::string& root) {
    std::vector<Group> groups;
    std::ifstream in(root + "/proc/self/cgroup");
    for (std::string line; std::getline(in, line);) {  // ID:CONTROLLERS:PATH
        const std::size_t first = line.find(':');
        const std::size_t second = first == std::string::npos ? first : line.find(':', first + 1);
        if (second == std::string::npos) continue;
        const std::string controllers = line.substr(first + 1, second - first - 1);
        const bool version_2 = controllers.empty();
        if (!version_2 && !lists(controllers, "memory")) continue;
        const auto mount = mount_of(root, version_2);
        if (!mount) continue;
        std::string path = line.substr(second + 1);
        // In a container the mount may show a folder further down than the path begins at.
        if (mount->second != "/" && path.starts_with(mount->second)) path = path.substr(mount->second.size());
        groups.push_back({version_2 ? kVersion2 : kVersion1, mount->first, path.empty() ? "/" : path});
    }
    return groups;
}

void lower(FreeMemory& least, std::uint64_t bytes, const std::string& limit) {
    if (bytes < least.bytes) least = {bytes, limit};
}

/// Each level on the way up may be the narrowest.
void lower_by(FreeMemory& least, const std::string& root, const Group& group) {
    for (std::string path = group.path;;) {
        const std::string folder = root + group.mount + (path == "/" ? "" : path) + "/";
        const auto limit = number_in(folder + group.files.limit);
        const auto usage = number_in(folder + group.files.usage);
        if (limit && usage) {
            const std::uint64_t cache = line_in(folder + "memory.stat", group.files.cache).value_or(0);
            const std::uint64_t used = *usage - std::min(*usage, cache);
            lower(least, *limit - std::min(*limit, used), "its cgroup " + path + " allows");
        }
        const std::size_t slash = path.rfind('/');
        if (path.size() <= 1 || slash == std::string::npos) return;
        path = slash == 0 ? "/" : path.substr(0, slash);
    }
}

}  // namespace

FreeMemory free_memory(const std::string& root) {
    FreeMemory least{kUnlimited, {}};
    constexpr std::uint64_t kKilobyte = 1024;
    if (const auto available = line_in(root + "/proc/meminfo", "MemAvailable:")) {
        lower(least, *available * kKilobyte, "this host has");
    }
    for (const Group& group : own_groups(root)) lower_by(least, root, group);
    if (least.limit.empty()) throw Error::system("memory", "How much memory is free cannot be read", ENOENT);
    return least;
}

}  // namespace vmbuddies::process
