// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>

/// What vmbuddies-xen-save and its starter say to each other: over the SOCK_SEQPACKET socket that is the program's
/// standard input, one struct a message, in turn a Request from the program and an Answer to it. The stream goes to its
/// standard output. That all is saved it says by its exit status 0; what went wrong, by another one and on its standard
/// error.
namespace vmbuddies::xen::save {

/// The argument after the domain's number that asks for MigrationOptions::verify.
inline constexpr const char* kVerifyArgument = "verify";

/// Program and starter come from one build, or refuse each other.
inline constexpr std::uint32_t kVersion = 1;

/// Which of libxenguest's callbacks asks (struct save_callbacks of xenguest.h).
enum class Question : std::uint32_t {
    /// precopy_policy before a round, with its number of pages (in round 0 one past the highest pfn). They are sent
    /// unless the answer is kAbort.
    kBeforeRound = 1,
    /// precopy_policy after a round. kStopAndCopy costs nothing here; kContinue takes the log and makes another round.
    kAfterRound = 2,
    kSuspend = 3,
};

struct Request {
    std::uint32_t version;
    Question question;
    std::uint64_t pages;  ///< kBeforeRound
};

/// What the callback is to return: XGS_POLICY_* for the first two questions.
inline constexpr std::int32_t kAbort = -1;
inline constexpr std::int32_t kContinue = 0;
inline constexpr std::int32_t kStopAndCopy = 1;
inline constexpr std::int32_t kNotSuspended = 0;
inline constexpr std::int32_t kSuspended = 1;

struct Answer {
    std::uint32_t version;
    std::int32_t result;
};

static_assert(sizeof(Request) == 16 && sizeof(Answer) == 8);

}  // namespace vmbuddies::xen::save
