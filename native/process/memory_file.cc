// SPDX-License-Identifier: MIT
#include "process/memory_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "core/error.h"
#include "core/size_text.h"

namespace vmbuddies::process {

UniqueFd create_memory_file(const char* name, std::uint64_t bytes) {
    UniqueFd file(::memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (!file.valid() || ::ftruncate(file.get(), static_cast<off_t>(bytes)) != 0 ||
        ::fcntl(file.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) {
        const int error = errno;
        throw Error(ErrorCode::kMemory, "memory",
                    "A memory file of " + size_text(bytes) + " cannot be had: " + std::strerror(error) + ".", error);
    }
    return file;
}

Mapping Mapping::shared(int memory_fd, std::uint64_t bytes) { return {memory_fd, bytes, MAP_SHARED}; }

Mapping Mapping::anonymous(std::uint64_t bytes) { return {-1, bytes, MAP_PRIVATE | MAP_ANONYMOUS}; }

Mapping::Mapping(int fd, std::uint64_t bytes, int flags) : bytes_(bytes) {
    void* base = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, flags | MAP_NORESERVE, fd, 0);
    if (base == MAP_FAILED) {
        const int error = errno;
        throw Error(ErrorCode::kMemory, "memory", size_text(bytes) + " cannot be mapped: " + std::strerror(error) + ".",
                    error);
    }
    base_ = static_cast<std::byte*>(base);
}

Mapping::~Mapping() {
    if (base_ != nullptr) ::munmap(base_, bytes_);
}

}  // namespace vmbuddies::process
