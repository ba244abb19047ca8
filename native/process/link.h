// SPDX-License-Identifier: MIT
#pragma once
#include <sys/uio.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>
#include <string_view>
#include <vector>

#include "process/socket.h"

namespace vmbuddies::process {

/// What the two sides of a process domain's migration say to each other, over one TCP connection:
///
///     sender                                   receiver
///       │ ── Hello ─────────────────────────────► │  may this domain come here?
///       │ ◄──────────────────── Accepted│Refused ─ │  the memory is promised, the name is reserved
///       │ ══ libxc stream v3, up to END ════════► │  the memory is rebuilt in place
///       │ ◄──────────────────────────── Prepared ─ │  all restored; the guest is held paused
///       │ ── Commit│Abort ──────────────────────► │  the one moment that decides where the guest runs
///       │ ◄───────────────────────────── Started ─ │  it runs there
///
/// At any time before Started the receiver may say Failed instead: the guest does not and will not run there. A
/// connection that ends before Commit means Abort. One that ends after Commit and before Started leaves the sender
/// not knowing. Nothing limits the time between Prepared and Commit but the death of the connection.
///
/// Instead of Hello a peer may send Ask, which names a domain by its uuid, and hears in one Answer what became of it
/// there (sessions.h). Both ends then hang up.
///
/// A frame is u32 magic, u32 type, u32 length and `length` <= kMaxPayload bytes, numbers little-endian. Refused and
/// Failed carry the reason (a text as in wire.h), Hello what hello.h says, Ask a uuid (a text), Answer a u32 Place, all
/// others nothing.
enum class FrameType : std::uint32_t {
    kHello = 1,
    kAccepted = 2,
    kRefused = 3,
    kPrepared = 4,
    kCommit = 5,
    kAbort = 6,
    kStarted = 7,
    kFailed = 8,
    kAsk = 9,
    kAnswer = 10,
};
const char* frame_name(FrameType type) noexcept;

struct Frame {
    static constexpr std::uint32_t kMagic = 0x66626d76;  ///< "vmbf" as bytes
    static constexpr std::size_t kHeaderBytes = 12;
    static constexpr std::size_t kMaxPayload = 64 << 10;

    FrameType type;
    std::vector<std::byte> payload;
};

/// The sender listens while it writes, so that a failure over there ends the stream at once. The receiver cannot:
/// what it would hear is the stream.
enum class Side { kSender, kReceiver };

/// One side's end of such a connection: frames, and the raw stream between them. One thread at a time. Every wait ends
/// with Aborted on `stop`, and every call with kPeer on a broken connection, kStream on anything that is not a
/// frame, and kPeerRefused, with the other side's own reason, as soon as it has said Refused or Failed.
class Link {
   public:
    /// Writing fails (kDeadline) when for `stall` the other side takes nothing off our hands.
    Link(Socket socket, Side side, std::chrono::milliseconds stall);

    const std::string& peer() const noexcept { return socket_.peer(); }

    void send(FrameType type, std::span<const std::byte> payload, const std::stop_token& stop);
    /// Refused or Failed; no more of `reason` than fits.
    void send_reason(FrameType type, std::string_view reason, const std::stop_token& stop);
    /// The next frame; no value if `timeout` passes first. It starts anew while bytes of ours are still being taken:
    /// an answer cannot come before all of the question has arrived.
    std::optional<Frame> next(std::chrono::milliseconds timeout, const std::stop_token& stop);
    /// The same for the one frame that is due now: kStream for any other, kDeadline past `timeout`.
    std::vector<std::byte> expect(FrameType type, std::chrono::milliseconds timeout, const std::stop_token& stop);
    /// Throws if the other side is gone or said no. Never waits.
    void check();

    /// Writes all parts of the raw stream.
    void write(std::span<const iovec> parts, const std::stop_token& stop);
    /// Fills all parts from the raw stream, however long that takes. Uses up `parts`.
    void read(std::span<iovec> parts, const std::stop_token& stop);

    /// Says that nothing more will be said. What was sent still arrives. Never waits.
    void finish() noexcept { socket_.finish(); }
    /// Listens to nothing more, but waits for the other side to finish too, `timeout` at the most, and resets the
    /// connection if it does not. Closing while it is still sending would make the system discard what we said last.
    void await_end(std::chrono::milliseconds timeout) noexcept;

   private:
    class Patience;

    struct Header;

    void flush(const std::stop_token& stop);
    bool fill();
    std::optional<Header> whole_frame(std::size_t at) const;
    std::optional<Frame> take_frame();
    void check_heard();
    void check_silence();

    Socket socket_;
    Side side_;
    std::chrono::milliseconds stall_;
    std::vector<std::byte> buffer_;  ///< read and not used yet: [begin_, end_)
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    bool at_end_ = false;
    std::vector<iovec> parts_;  ///< still to be written; or, for one receive, where to
};

}  // namespace vmbuddies::process
