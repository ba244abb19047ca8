// SPDX-License-Identifier: MIT
#include "xen/save/starter.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace vmbuddies::xen::save {
namespace {

template <class Call>
ssize_t uninterrupted(Call call) noexcept {
    ssize_t result = 0;
    do {
        result = call();
    } while (result < 0 && errno == EINTR);
    return result;
}

}  // namespace

std::int32_t Starter::ask(Question question, std::uint64_t pages, std::int32_t without_answer) noexcept {
    const Request request{kVersion, question, pages};
    Answer answer{};
    const ssize_t asked = uninterrupted([&] { return ::send(STDIN_FILENO, &request, sizeof request, MSG_NOSIGNAL); });
    if (asked != sizeof request) return without_answer;
    // MSG_TRUNC: the whole length, so that an answer of another make is seen as one.
    const ssize_t answered = uninterrupted([&] { return ::recv(STDIN_FILENO, &answer, sizeof answer, MSG_TRUNC); });
    return answered == sizeof answer && answer.version == kVersion ? answer.result : without_answer;
}

}  // namespace vmbuddies::xen::save
