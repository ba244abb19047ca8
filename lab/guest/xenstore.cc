// SPDX-License-Identifier: MIT
#include "xenstore.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstring>

namespace vmbuddies::lab {
namespace {

/// struct xsd_sockmsg
struct Header {
    std::uint32_t type;
    std::uint32_t request;
    std::uint32_t transaction;
    std::uint32_t length;
};

constexpr std::uint32_t kDirectory = 1;  // XS_DIRECTORY
constexpr std::uint32_t kRead = 2;       // XS_READ
constexpr std::uint32_t kWrite = 11;     // XS_WRITE
constexpr std::uint32_t kRemove = 13;    // XS_RM
constexpr std::size_t kMaxBody = 4096;   // XENSTORE_PAYLOAD_MAX

std::string_view with_nul(const std::string& path) { return {path.c_str(), path.size() + 1}; }

}  // namespace

Xenstore::Xenstore() noexcept : fd_(::open("/dev/xen/xenbus", O_RDWR | O_CLOEXEC)) {}

Xenstore::~Xenstore() {
    if (valid()) ::close(fd_);
}

std::optional<std::string> Xenstore::read(const std::string& path) { return request(kRead, with_nul(path)); }

std::vector<std::string> Xenstore::list(const std::string& path) {
    std::vector<std::string> names;
    const std::string answer = request(kDirectory, with_nul(path)).value_or("");
    for (std::size_t at = 0; at < answer.size(); at += names.back().size() + 1) names.emplace_back(answer.c_str() + at);
    return names;
}

bool Xenstore::write(const std::string& path, std::string_view value) {
    return request(kWrite, std::string(with_nul(path)).append(value)).has_value();
}

bool Xenstore::remove(const std::string& path) { return request(kRemove, with_nul(path)).has_value(); }

std::optional<std::string> Xenstore::request(std::uint32_t type, std::string_view body) {
    char message[sizeof(Header) + kMaxBody];
    if (body.size() > kMaxBody) return std::nullopt;
    Header header{type, 0, 0, static_cast<std::uint32_t>(body.size())};
    std::memcpy(message, &header, sizeof header);
    std::memcpy(message + sizeof header, body.data(), body.size());
    const auto size = static_cast<ssize_t>(sizeof header + body.size());
    if (::write(fd_, message, static_cast<std::size_t>(size)) != size) return std::nullopt;
    if (!receive(&header, sizeof header) || header.length > kMaxBody) return std::nullopt;
    std::string answer(header.length, '\0');
    if (!receive(answer.data(), answer.size()) || header.type != type) return std::nullopt;
    return answer;
}

bool Xenstore::receive(void* into, std::size_t length) {
    for (auto* at = static_cast<char*>(into); length > 0;) {
        const ssize_t got = ::read(fd_, at, length);
        if (got <= 0) return false;
        at += got;
        length -= static_cast<std::size_t>(got);
    }
    return true;
}

}  // namespace vmbuddies::lab
