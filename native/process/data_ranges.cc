// SPDX-License-Identifier: MIT
#include "process/data_ranges.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "core/error.h"

namespace vmbuddies::process {

void for_each_data_range(int memory_fd, Pfn first, Pfn last, const std::function<void(Pfn, std::uint64_t)>& visit) {
    // Searching costs some 65 ns a page, even where there is nothing to be found: ask first.
    struct stat status {};
    if (::fstat(memory_fd, &status) == 0 && status.st_blocks * 512 >= status.st_size) {
        if (first < last) visit(first, last - first);
        return;
    }
    while (first < last) {
        const off_t data = ::lseek(memory_fd, static_cast<off_t>(first << kPageShift), SEEK_DATA);
        if (data < 0 && errno == ENXIO) return;  // nothing but a hole from here on
        if (data < 0) throw Error::system("memory", "A domain's memory cannot be searched for data", errno);
        const Pfn begin = static_cast<Pfn>(data) >> kPageShift;
        if (begin >= last) return;
        const off_t hole = ::lseek(memory_fd, data, SEEK_HOLE);
        // The page was given back between the two calls: go on behind it.
        const Pfn end = hole > data ? std::min(static_cast<Pfn>(hole) >> kPageShift, last) : begin;
        if (end > begin) visit(begin, end - begin);
        first = std::max(end, begin + 1);
    }
}

}  // namespace vmbuddies::process
