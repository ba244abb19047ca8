// SPDX-License-Identifier: MIT
#include "xen/xl_link.h"

#include <algorithm>
#include <array>
#include <functional>
#include <optional>

#include "core/drop_front.h"

namespace vmbuddies::xen {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// More of what was not expected than this tells nobody more.
constexpr std::size_t kExcerptBytes = 160;
/// From the end of its output to the end of the command; then it is known how it ended.
constexpr milliseconds kEndTimeout(500);

std::string joined(const std::vector<std::string>& words, const char* separator) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : separator) + word;
    return text;
}

}  // namespace

XlLink::XlLink(const std::vector<std::string>& command, milliseconds stall_timeout)
    : command_('"' + printable(joined(command, " ")) + '"'), stall_timeout_(stall_timeout), transport_(command) {}

void XlLink::write(std::span<const iovec> parts, const std::stop_token& stop) {
    parts_.assign(parts.begin(), parts.end());
    std::span<iovec> left = drop_front(parts_, 0);
    auto deadline = steady_clock::now() + stall_timeout_;
    while (!left.empty()) {
        // Asked even when there is room: a transport takes what nobody reads any more, and may say so meanwhile.
        const auto ready = transport_.wait(TransportProcess::For::kRoomOrWords, deadline, stop);
        if (ready.words) check();
        if (!ready.room && !ready.words) {
            throw Error(
                ErrorCode::kDeadline, "write",
                command_ + " has taken nothing for " + std::to_string(stall_timeout_.count()) + " ms." + last_words());
        }
        const std::optional<std::size_t> sent = transport_.send(left);
        if (!sent) throw ended("its time");
        if (*sent == 0) continue;
        left = drop_front(left, *sent);
        deadline = steady_clock::now() + stall_timeout_;
    }
}

void XlLink::write(std::span<const std::byte> bytes, const std::stop_token& stop) {
    const iovec part{const_cast<std::byte*>(bytes.data()), bytes.size()};
    write({&part, 1}, stop);
}

void XlLink::expect(std::string_view message, const std::string& name, milliseconds timeout,
                    const std::stop_token& stop) {
    const auto deadline = steady_clock::now() + timeout;
    std::array<char, 64> buffer;
    while (!message.empty()) {
        // Not a byte more than is due, so that all that follows is known as unasked for.
        const std::span<char> wanted = std::span(buffer).first(std::min(buffer.size(), message.size()));
        const std::string_view heard(wanted.data(), receive(wanted, name, deadline, stop));
        if (!message.starts_with(heard)) throw unexpected(std::string(heard), name);
        message.remove_prefix(heard.size());
    }
}

std::uint8_t XlLink::expect_byte(const std::string& name, milliseconds timeout, const std::stop_token& stop) {
    char byte = 0;
    receive({&byte, 1}, name, steady_clock::now() + timeout, stop);
    return static_cast<std::uint8_t>(byte);
}

std::size_t XlLink::receive(std::span<char> out, const std::string& due, steady_clock::time_point deadline,
                            const std::stop_token& stop) {
    for (;;) {
        const std::optional<std::size_t> received = transport_.receive(out);
        if (received && *received == 0) throw ended(due);
        if (received) return *received;
        if (!transport_.wait(TransportProcess::For::kWords, deadline, stop).words) {
            throw Error(ErrorCode::kDeadline, "await", command_ + " has not sent " + due + " in time." + last_words());
        }
    }
}

void XlLink::check() {
    if (!transport_.wait(TransportProcess::For::kWords, steady_clock::now(), {}).words) return;
    std::array<char, kExcerptBytes> heard;
    const std::optional<std::size_t> received = transport_.receive(heard);
    if (!received) return;
    if (*received == 0) throw ended("its time");
    throw unexpected(std::string(heard.data(), *received), "nothing");
}

void XlLink::await_end(milliseconds timeout) noexcept { transport_.await_end(steady_clock::now() + timeout); }

std::string XlLink::last_words() {
    std::vector<std::string> lines = transport_.last_words();
    // What went well fills many lines of xl's, and would hide the one that tells what did not.
    const auto is_error = [](const std::string& line) { return line.find(": error: ") != std::string::npos; };
    if (std::any_of(lines.begin(), lines.end(), is_error)) std::erase_if(lines, std::not_fn(is_error));
    return lines.empty() ? "" : " It said last: \"" + joined(lines, " | ") + "\".";
}

Error XlLink::unexpected(std::string heard, const std::string& due) {
    std::array<char, kExcerptBytes> more;
    if (const auto received = transport_.receive(more)) heard.append(more.data(), *received);
    heard = printable(heard.substr(0, kExcerptBytes));
    return Error(ErrorCode::kPeer, "listen",
                 command_ + " said \"" + heard + "\" where " + due + " was due." + last_words());
}

Error XlLink::ended(const std::string& before) {
    transport_.close_input();
    transport_.await_end(steady_clock::now() + kEndTimeout);
    const std::string how = transport_.end();
    return Error(
        ErrorCode::kPeer, "listen",
        command_ + " ended" + (how.empty() ? "" : " (" + how + ")") + " before " + before + '.' + last_words());
}

}  // namespace vmbuddies::xen
