// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vmbuddies::lab {

/// This domain's view of xenstore, through the kernel's /dev/xen/xenbus (xen/io/xs_wire.h). Paths are relative to
/// /local/domain/OUR-ID, so they hold on every host. Requests are repeated by nobody: what was under way when the
/// domain was suspended has gone to the host it left.
class Xenstore {
   public:
    /// Invalid outside Xen.
    Xenstore() noexcept;
    ~Xenstore();
    Xenstore(const Xenstore&) = delete;
    Xenstore& operator=(const Xenstore&) = delete;

    bool valid() const noexcept { return fd_ >= 0; }

    /// Nothing if there is no such key.
    std::optional<std::string> read(const std::string& path);
    /// The names below a key; none if there is no such key.
    std::vector<std::string> list(const std::string& path);
    /// Value as text, at most 3 KiB; false if it was refused.
    bool write(const std::string& path, std::string_view value);
    bool remove(const std::string& path);

   private:
    /// Nothing if xenstore answered with an error.
    std::optional<std::string> request(std::uint32_t type, std::string_view body);
    bool receive(void* into, std::size_t length);

    int fd_;
};

}  // namespace vmbuddies::lab
