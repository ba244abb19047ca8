// SPDX-License-Identifier: MIT
#pragma once
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <span>
#include <string_view>

namespace vmbuddies::lab {

inline constexpr std::uint16_t kRshPort = 7101;
/// The exit status of a client whose link failed or never came up; the one ssh has for it.
inline constexpr int kLinkLost = 255;

/// What travels, always as a frame: an end of file is a frame of its own (an empty one), so that it differs from the
/// end of the connection, which can only mean that the other side has gone.
enum class Frame : std::uint32_t {
    kCommand = 1,  ///< client: the command line, the first frame and the only one of its kind
    kInput = 2,    ///< client: bytes for the command's stdin; empty: end of file
    kOutput = 3,   ///< server: bytes from the command's stdout; empty: end of file
    kErrors = 4,   ///< server: bytes from the command's stderr; empty: end of file
    kExit = 5,     ///< server: one byte, the exit status; the last frame
};

/// A connected TCP socket that carries frames. A link that fails ends the process with kLinkLost: each side serves one
/// command only, and the end of the process closes every pipe at once, which is how the ends next to it learn of it.
class Link {
   public:
    /// The most bytes that one frame carries; what a pipe holds, so that one read of a full pipe makes one frame.
    static constexpr std::size_t kMaxPayload = 64 * 1024;

    struct Received {
        Frame frame;
        std::span<const char> payload;  ///< valid until the next receive()
    };

    /// Takes the socket over. A peer that vanishes without a word (power, cable) is noticed within about 10 s.
    explicit Link(int socket);
    Link(const Link&) = delete;
    Link& operator=(const Link&) = delete;

    /// Any thread; one frame at a time.
    void send(Frame frame, std::span<const char> payload);
    /// One thread only.
    Received receive();
    /// Sends everything that `source` gives as frames of one kind, ends with an empty one, and closes `source`.
    void send_all_of(int source, Frame frame);
    /// Waits until the peer has closed or is lost, also while what it sent lies here unread.
    void wait_until_closed() const;

   private:
    void read_exactly(std::span<char> into) const;

    int socket_;
    std::mutex sending_;
    char buffer_[kMaxPayload];
};

/// Writes all of it; false if the reader has gone.
bool write_all(int fd, std::span<const char> bytes);

[[noreturn]] void fail(const char* program, std::string_view what);

}  // namespace vmbuddies::lab
