// SPDX-License-Identifier: MIT
#include "process/link.h"

#include <limits.h>
#include <poll.h>

#include <algorithm>
#include <cstring>

#include "core/drop_front.h"
#include "core/error.h"
#include "process/wire.h"

namespace vmbuddies::process {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t kMaxReasonBytes = 4096;
/// Read past what was asked for, to have the next record's header and entries without asking again. More would
/// only be page data, to be copied twice.
constexpr std::size_t kReadAheadBytes = 1024;

/// The reason as it may be shown: it comes from a stranger, so nothing in it may move a terminal's cursor.
std::string printable(std::string text) {
    std::replace_if(
        text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '?');
    return text;
}

WireWriter header_of(FrameType type, std::size_t length) {
    WireWriter header;
    header.u32(Frame::kMagic);
    header.u32(static_cast<std::uint32_t>(type));
    header.u32(static_cast<std::uint32_t>(length));
    return header;
}

/// A frame's code: no frame can be changed, left out, repeated or come before its time without its showing.
Digest code_of(const Digest& key, std::uint64_t number, Bytes header, Bytes payload) {
    WireWriter place;
    place.u64(number);
    return hmac(key, {place.bytes(), header, payload});
}

}  // namespace

const char* frame_name(FrameType type) noexcept {
    switch (type) {
        case FrameType::kHello:
            return "Hello";
        case FrameType::kAccepted:
            return "Accepted";
        case FrameType::kRefused:
            return "Refused";
        case FrameType::kPrepared:
            return "Prepared";
        case FrameType::kCommit:
            return "Commit";
        case FrameType::kAbort:
            return "Abort";
        case FrameType::kStarted:
            return "Started";
        case FrameType::kFailed:
            return "Failed";
        case FrameType::kChallenge:
            return "Challenge";
        case FrameType::kOffer:
            return "Offer";
        case FrameType::kAsk:
            return "Ask";
        case FrameType::kAnswer:
            return "Answer";
        case FrameType::kAlive:
            return "Alive";
        case FrameType::kRestore:
            return "Restore";
    }
    return "an unknown frame";
}

struct Link::Header {
    FrameType type;
    std::size_t length;
};

/// Tells a slow peer from a dead one: the time allowed starts anew for as long as bytes of ours are being taken.
class Link::Patience {
   public:
    Patience(const Socket& socket, milliseconds allowed)
        : socket_(socket),
          allowed_(allowed),
          deadline_(steady_clock::now() + allowed),
          untaken_(socket.unconfirmed()) {}

    TimePoint deadline() const noexcept { return deadline_; }
    /// Asked once the deadline has passed: is it really over?
    bool over() noexcept {
        const std::size_t untaken = socket_.unconfirmed();
        if (untaken >= untaken_) return true;
        untaken_ = untaken;
        deadline_ = steady_clock::now() + allowed_;
        return false;
    }

   private:
    const Socket& socket_;
    milliseconds allowed_;
    TimePoint deadline_;
    std::size_t untaken_;
};

Link::Link(Socket socket, Side side, milliseconds stall)
    : socket_(std::move(socket)), side_(side), stall_(stall), buffer_(Frame::kHeaderBytes + Frame::kMaxPayload) {
    socket_.set_patience(stall);
}

void Link::seal(const Digest& send_key, const Digest& receive_key) { seal_ = {send_key, receive_key}; }

void Link::send(FrameType type, std::span<const std::byte> payload, const std::stop_token& stop) {
    const std::size_t code_bytes = seal_ ? sizeof(Digest) : 0;
    const WireWriter header = header_of(type, payload.size() + code_bytes);
    Digest code{};
    if (seal_) code = code_of(seal_->send_key, seal_->sent++, header.bytes(), payload);
    const auto part = [](std::span<const std::byte> bytes) {
        return iovec{const_cast<std::byte*>(bytes.data()), bytes.size()};
    };
    parts_ = {part(header.bytes()), part(payload), part(std::span(code).first(code_bytes))};
    flush(stop);
}

void Link::send_reason(FrameType type, std::string_view reason, const std::stop_token& stop) {
    WireWriter payload;
    payload.text(reason.substr(0, kMaxReasonBytes));
    send(type, payload.bytes(), stop);
}

void Link::write(std::span<const iovec> parts, const std::stop_token& stop) {
    // Neighbouring pages become one part: the system's cost is per part, and most pages have their neighbours.
    parts_.clear();
    for (const iovec& part : parts) {
        if (!parts_.empty()) {
            iovec& last = parts_.back();
            if (static_cast<std::byte*>(last.iov_base) + last.iov_len == part.iov_base) {
                last.iov_len += part.iov_len;
                continue;
            }
        }
        parts_.push_back(part);
    }
    flush(stop);
}

void Link::flush(const std::stop_token& stop) {
    const short events = side_ == Side::kSender ? POLLOUT | POLLIN : POLLOUT;
    std::span<iovec> left = drop_front(parts_, 0);
    while (!left.empty()) {
        if (stop.stop_requested()) throw Aborted{};
        // Even a write that never has to wait: a receiver that has failed takes everything, to throw it away.
        if (side_ == Side::kSender) check_silence();
        std::optional<std::size_t> sent;
        try {
            sent = socket_.send(left);
        } catch (const Error& error) {
            if (side_ == Side::kSender && error.code() == ErrorCode::kPeer) check();  // it may have said why
            throw;
        }
        if (sent) {
            left = drop_front(left, *sent);
            continue;
        }
        Patience patience(socket_, stall_);
        while (socket_.wait(events, patience.deadline(), stop) == 0) {
            if (!patience.over()) continue;
            throw Error(ErrorCode::kDeadline, "write",
                        peer() + " has taken nothing for " + std::to_string(stall_.count()) + " ms.");
        }
    }
}

/// While we speak, the only thing the receiver may have to say is no.
void Link::check_silence() {
    check();
    if (const auto header = whole_frame(begin_)) {
        throw Error(ErrorCode::kStream, "write",
                    peer() + " said " + frame_name(header->type) + " in the middle of the stream.");
    }
}

std::optional<Frame> Link::next(milliseconds timeout, const std::stop_token& stop) {
    Patience patience(socket_, timeout);
    for (;;) {
        if (auto frame = take_frame()) return frame;
        if (at_end_) check_heard();
        if (stop.stop_requested()) throw Aborted{};
        if (fill()) continue;
        if (socket_.wait(POLLIN, patience.deadline(), stop) != 0) continue;
        // A receiver's own words are few: whoever takes them byte by byte is given no more time for it.
        if (side_ == Side::kReceiver || patience.over()) return std::nullopt;
    }
}

std::vector<std::byte> Link::expect(FrameType type, milliseconds timeout, const std::stop_token& stop) {
    auto frame = next(timeout, stop);
    if (!frame) {
        throw Error(
            ErrorCode::kDeadline, "await",
            peer() + " has not said " + frame_name(type) + " within " + std::to_string(timeout.count()) + " ms.");
    }
    if (frame->type != type) {
        throw Error(ErrorCode::kStream, "await",
                    peer() + " said " + frame_name(frame->type) + " where " + frame_name(type) + " was due.");
    }
    return std::move(frame->payload);
}

void Link::check() {
    while (!at_end_ && fill()) {
    }
    check_heard();
}

/// Looks through all that was heard and not used yet for a Refused or Failed, and for the end of the connection.
void Link::check_heard() {
    std::size_t at = begin_;
    for (std::uint64_t frames = 0; const auto header = whole_frame(at); ++frames) {
        if (header->type == FrameType::kRefused || header->type == FrameType::kFailed) {
            const std::string reason = printable(WireReader(open(at, *header, frames)).text(kMaxReasonBytes));
            throw Error(ErrorCode::kPeerRefused, frame_name(header->type), peer() + " said no: " + reason);
        }
        at += Frame::kHeaderBytes + header->length;
    }
    if (at_end_) throw Error(ErrorCode::kPeer, "connection", peer() + " closed the connection.");
}

/// Reads what there is, as far as the buffer holds it. False if that is nothing.
bool Link::fill() {
    if (begin_ > 0) {
        std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
        end_ -= begin_;
        begin_ = 0;
    }
    if (end_ == buffer_.size()) return false;
    const iovec part{buffer_.data() + end_, buffer_.size() - end_};
    const auto received = socket_.receive({&part, 1});
    if (!received) return false;
    end_ += *received;
    at_end_ = *received == 0;
    return true;
}

std::optional<Link::Header> Link::whole_frame(std::size_t at) const {
    const auto heard = std::span(buffer_).subspan(at, end_ - at);
    // Judged as early as possible: a stranger need not say twelve bytes to be known as one.
    if (heard.size() < sizeof Frame::kMagic) return std::nullopt;
    WireReader wire(heard);
    if (wire.u32() != Frame::kMagic)
        throw Error(ErrorCode::kStream, "frame", peer() + " does not speak this protocol.");
    if (heard.size() < Frame::kHeaderBytes) return std::nullopt;
    const std::uint32_t type = wire.u32();
    const std::uint32_t length = wire.u32();
    if (type < static_cast<std::uint32_t>(FrameType::kHello) ||
        type > static_cast<std::uint32_t>(FrameType::kRestore)) {
        throw Error(ErrorCode::kStream, "frame",
                    peer() + " sent a frame of unknown type " + std::to_string(type) + '.');
    }
    if (length > Frame::kMaxPayload) {
        throw Error(ErrorCode::kStream, "frame", peer() + " sent a frame of " + std::to_string(length) + " bytes.");
    }
    if (heard.size() < Frame::kHeaderBytes + length) return std::nullopt;
    return Header{static_cast<FrameType>(type), length};
}

/// The content of the whole frame at `at`, its code checked.
std::span<const std::byte> Link::open(std::size_t at, const Header& header, std::uint64_t frames_before) const {
    const auto content = std::span(buffer_).subspan(at + Frame::kHeaderBytes, header.length);
    if (!seal_) return content;
    const auto payload = content.first(content.size() - std::min(content.size(), sizeof(Digest)));
    const std::uint64_t number = seal_->received + frames_before;
    const Digest code =
        code_of(seal_->receive_key, number, std::span(buffer_).subspan(at, Frame::kHeaderBytes), payload);
    if (equal(code, content.subspan(payload.size()))) return payload;
    if (seal_->received == 0 && header.type == FrameType::kRefused) return content;
    throw Error(
        ErrorCode::kStream, "seal",
        std::string(frame_name(header.type)) + " from " + peer() +
            " is not sealed for this connection: the secrets differ, or it was recorded elsewhere or changed on "
            "its way.");
}

std::optional<Frame> Link::take_frame() {
    const auto header = whole_frame(begin_);
    if (!header) return std::nullopt;
    if (header->type == FrameType::kRefused || header->type == FrameType::kFailed) check_heard();
    const auto payload = open(begin_, *header, 0);
    Frame frame{header->type, {payload.begin(), payload.end()}};
    begin_ += Frame::kHeaderBytes + header->length;
    if (seal_) ++seal_->received;
    return frame;
}

void Link::demand(std::uint64_t bytes, milliseconds window) {
    demand_ = {.bytes = bytes, .window = window, .until = steady_clock::now() + window};
}

void Link::read(std::span<iovec> parts, const std::stop_token& stop) {
    parts = drop_front(parts, 0);
    while (!parts.empty() && begin_ < end_) {
        const std::size_t bytes = std::min(parts.front().iov_len, end_ - begin_);
        std::memcpy(parts.front().iov_base, buffer_.data() + begin_, bytes);
        begin_ += bytes;
        parts = drop_front(parts, bytes);
    }
    while (!parts.empty()) {
        if (stop.stop_requested()) throw Aborted{};
        begin_ = end_ = 0;
        std::size_t wanted = 0;
        for (const iovec& part : parts) wanted += part.iov_len;
        parts_.assign(parts.begin(), parts.end());
        parts_.push_back({buffer_.data(), kReadAheadBytes});
        const auto received = socket_.receive(parts_);
        if (!received) {
            if (demand_) check_demand();
            socket_.wait(POLLIN, demand_ ? demand_->until : TimePoint::max(), stop);
            continue;
        }
        if (demand_) demand_->came += *received;
        if (*received == 0) throw Error(ErrorCode::kPeer, "read", peer() + " closed the connection in mid-stream.");
        end_ = *received - std::min(*received, wanted);
        parts = drop_front(parts, *received - end_);
    }
}

/// Judged only where nothing is there to be read: a receiver that is itself slow is no fault of its peer.
void Link::check_demand() {
    const TimePoint now = steady_clock::now();
    if (now < demand_->until) return;
    if (demand_->came < demand_->bytes) {
        throw Error(ErrorCode::kDeadline, "read",
                    peer() + " has sent " + std::to_string(demand_->came) + " bytes of the stream within " +
                        std::to_string(demand_->window.count()) + " ms.");
    }
    demand_->came = 0;
    demand_->until = now + demand_->window;
}

void Link::await_end(milliseconds timeout, const std::stop_token& stop) noexcept {
    const TimePoint deadline = steady_clock::now() + timeout;
    const iovec anywhere{buffer_.data(), buffer_.size()};
    try {
        while (!at_end_ && steady_clock::now() < deadline) {
            const auto received = socket_.receive({&anywhere, 1});
            if (received) {
                at_end_ = *received == 0;
            } else {
                socket_.wait(POLLIN, deadline, stop);
            }
        }
    } catch (const Error&) {
        // Broken already: nothing is left to wait for.
    } catch (const Aborted&) {
        // Not waited for any longer.
    }
    if (!at_end_) socket_.reset();
}

}  // namespace vmbuddies::process
