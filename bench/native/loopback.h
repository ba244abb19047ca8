// SPDX-License-Identifier: MIT
#pragma once
#include <sys/uio.h>

#include <cstddef>
#include <span>

#include "core/unique_fd.h"

namespace vmbuddies::bench {

/// The two ends of a blocking TCP connection over the loopback interface, set up as the package sets up its own.
struct Loopback {
    UniqueFd sender;
    UniqueFd receiver;
};
Loopback connect_loopback();

/// Writes or fills all of `parts`, which are used up. An Error (kSystem) if the connection ends.
void write_all(int fd, std::span<iovec> parts);
void read_all(int fd, std::span<iovec> parts);

inline void write_all(int fd, const void* data, std::size_t bytes) {
    iovec part{const_cast<void*>(data), bytes};
    write_all(fd, {&part, 1});
}
inline void read_all(int fd, void* data, std::size_t bytes) {
    iovec part{data, bytes};
    read_all(fd, {&part, 1});
}

}  // namespace vmbuddies::bench
