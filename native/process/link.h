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

#include "process/hmac.h"
#include "process/socket.h"

namespace vmbuddies::process {

/// What the two sides of a process domain's migration say to each other, over one TCP connection:
///
///     sender                                   receiver
///       │ ── Hello ─────────────────────────────► │  its version, a nonce
///       │ ◄─────────────────── Challenge│Refused ─ │  a nonce; from here on frames are sealed (handshake.h)
///       │ ── Offer ─────────────────────────────► │  may this domain come here? The seal proves the secret
///       │ ◄──────────────────── Accepted│Refused ─ │  the memory is promised, the name is reserved; so does this
///       │ ══ libxc stream v3, up to END ════════► │  the memory is rebuilt in place
///       │ ◄──────────────────────────── Prepared ─ │  all restored; the guest is held paused; a token
///       │ ── Alive, now and then ───────────────► │  the sender has not decided yet
///       │ ── Commit│Abort ──────────────────────► │  the one moment that decides where the guest runs; the same token
///       │ ◄───────────────────────────── Started ─ │  it runs there
///
/// At any time before Started the receiver may say Failed instead: the guest does not and will not run there. A
/// connection that ends before Commit means Abort. One that ends after Commit and before Started leaves the sender
/// not knowing. A receiver drops a peer that is silent for too long in any state before Commit (receiver.h).
///
/// Instead of Offer a peer may send Ask, which names a domain by its uuid, and hears in one Answer what became of it
/// there (sessions.h); or Restore, which lets a domain that came from it have memory again that was taken from it
/// for the move. Both ends then hang up.
///
/// A frame is u32 magic, u32 type, u32 length and `length` <= kMaxPayload bytes, numbers little-endian; a sealed one
/// ends with its code. Hello: u32 version, text nonce. Challenge: text nonce, u32 (1: the secret is asked for). Refused
/// and Failed: the reason, a text as in wire.h. Offer: offer.h. Prepared and Commit: text token. Started: f64, how long
/// the guest stood still by its own account, in seconds, 0 if it has none. Ask: text uuid, u64 how many milliseconds
/// ago it can have started at the earliest, 0: whenever. Answer: u32 Place. Restore: text uuid, u64 bytes. All others
/// nothing. Hello's version and Refused never change, so that peers of different releases can say what is wrong.
enum class FrameType : std::uint32_t {
    kHello = 1,
    kAccepted = 2,
    kRefused = 3,
    kPrepared = 4,
    kCommit = 5,
    kAbort = 6,
    kStarted = 7,
    kFailed = 8,
    kChallenge = 9,
    kOffer = 10,
    kAsk = 11,
    kAnswer = 12,
    kAlive = 13,
    kRestore = 14,
};
const char* frame_name(FrameType type) noexcept;

struct Frame {
    static constexpr std::uint32_t kMagic = 0x66626d76;  ///< "vmbf" as bytes
    static constexpr std::size_t kHeaderBytes = 12;
    static constexpr std::size_t kMaxPayload = 8 << 10;

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

    /// The keys of the codes that all frames carry from now on, ours and the other side's. A frame whose code is not
    /// that of its key, its place in the order and its content is kStream. Refused may come without one until the first
    /// that is right, from a receiver that cannot make one.
    void seal(const Digest& send_key, const Digest& receive_key);

    void send(FrameType type, std::span<const std::byte> payload, const std::stop_token& stop);
    /// Refused or Failed; no more of `reason` than fits.
    void send_reason(FrameType type, std::string_view reason, const std::stop_token& stop);
    /// The next frame; no value if `timeout` passes first. For a sender it starts anew while bytes of its own are still
    /// being taken: an answer cannot come before all of the question has arrived.
    std::optional<Frame> next(std::chrono::milliseconds timeout, const std::stop_token& stop);
    /// The same for the one frame that is due now: kStream for any other, kDeadline past `timeout`.
    std::vector<std::byte> expect(FrameType type, std::chrono::milliseconds timeout, const std::stop_token& stop);
    /// Throws if the other side is gone or said no. Never waits.
    void check();

    /// Writes all parts of the raw stream.
    void write(std::span<const iovec> parts, const std::stop_token& stop);
    /// What the raw stream must bring: `bytes` in every `window`, counted from this call on.
    void demand(std::uint64_t bytes, std::chrono::milliseconds window);
    /// Fills all parts from the raw stream. Uses up `parts`. kDeadline if less comes than is demanded.
    void read(std::span<iovec> parts, const std::stop_token& stop);

    /// Says that nothing more will be said. What was sent still arrives. Never waits.
    void finish() noexcept { socket_.finish(); }
    /// Listens to nothing more, but waits for the other side to finish too, until `timeout` or `stop`, and resets the
    /// connection if it does not. Closing while it is still sending would make the system discard what we said last.
    void await_end(std::chrono::milliseconds timeout, const std::stop_token& stop = {}) noexcept;

   private:
    class Patience;
    struct Header;
    struct Seal {
        Digest send_key;
        Digest receive_key;
        std::uint64_t sent = 0;
        std::uint64_t received = 0;
    };
    struct Demand {
        std::uint64_t bytes;
        std::chrono::milliseconds window;
        TimePoint until;
        std::uint64_t came = 0;
    };

    void flush(const std::stop_token& stop);
    bool fill();
    std::optional<Header> whole_frame(std::size_t at) const;
    std::span<const std::byte> open(std::size_t at, const Header& header, std::uint64_t frames_before) const;
    std::optional<Frame> take_frame();
    void check_heard();
    void check_silence();
    void check_demand();

    Socket socket_;
    Side side_;
    std::chrono::milliseconds stall_;
    std::vector<std::byte> buffer_;  ///< read and not used yet: [begin_, end_)
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    bool at_end_ = false;
    std::optional<Seal> seal_;
    std::optional<Demand> demand_;
    std::vector<iovec> parts_;  ///< still to be written; or, for one receive, where to
};

}  // namespace vmbuddies::process
