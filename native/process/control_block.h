// SPDX-License-Identifier: MIT
#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "core/page.h"
#include "process/workload.h"

namespace vmbuddies::process {

/// The descriptors a guest program is started with. It has no others.
inline constexpr int kGuestMemoryFd = 3;   ///< its memory
inline constexpr int kGuestControlFd = 4;  ///< its control block
inline constexpr int kGuestEntryFd = 5;    ///< its registry entry: the lock on it lives as long as the guest does
inline constexpr int kGuestLifeFd = 6;     ///< hangs up when the process that started it ends
inline constexpr int kGuestStartupFd = 7;  ///< what became of the start: kStartupReady, or one sentence and end of file
inline constexpr char kStartupReady = '\0';

enum class GuestPhase : std::uint32_t {
    kStarting = 0,  ///< not under way yet; an incoming guest stays here until it is released
    kRunning = 1,
    kFailed = 2,  ///< it refused its memory; see ControlBlock::failure
};

/// One page shared by a guest and everybody who holds a handle on it. It belongs to this host and never migrates: what
/// must migrate lies in the guest's memory. Words named as futexes are waited on with futex_wait().
struct ControlBlock {
    static constexpr std::uint64_t kMagic = 0x6b636f6c6264766d;
    static constexpr std::uint32_t kVersion = 1;
    static constexpr std::uint32_t kPauseRequest = 1;
    static constexpr std::uint32_t kRequestStep = 2;

    // Constant from before the guest starts.
    std::uint64_t magic = kMagic;
    std::uint32_t version = kVersion;
    std::uint32_t memory_pages = 0;
    char uuid[40] = {};  ///< 32 hexadecimal digits and NUL
    Workload workload;

    // Constant from the moment the guest has reported to its starter.
    std::atomic<std::int32_t> pid{0};
    std::atomic<std::int32_t> write_tracking_errno{0};  ///< why the guest has no userfaultfd; 0: it has one
    std::atomic<std::uint64_t> memory_address{0};       ///< of its mapping, in the guest

    std::atomic<std::uint32_t> phase{0};        ///< GuestPhase; futex
    std::atomic<std::uint32_t> incoming{0};     ///< 1 while the memory is being received
    std::atomic<std::uint32_t> independent{0};  ///< 1: outlives the process that started it
    char failure[152] = {};                     ///< written before phase becomes kFailed

    /// Futex, the one word the guest waits on. Bit 0 asks for a pause; the rest counts requests of any kind, so that
    /// the guest cannot sleep through one.
    std::atomic<std::uint32_t> request{0};
    /// Futex: the request word under which the guest stands at a safe point; 0 while it runs.
    std::atomic<std::uint32_t> paused{0};

    /// 1 while the keeper of the dirty log has the guest suspended and nobody else may resume it: it may be about to
    /// run elsewhere. Means nothing once the log's lock is free.
    std::atomic<std::uint32_t> held{0};

    std::atomic<std::uint32_t> balloon_target_pages{0};  ///< 0: no balloon request
    std::atomic<std::uint32_t> ballooning{0};            ///< 1 while the guest is at it, between two safe points
    std::atomic<std::uint32_t> present_pages{0};         ///< futex; memory less what was given back

    std::atomic<std::uint32_t> verify_request{0};  ///< counts up
    std::atomic<std::uint32_t> verify_answer{0};   ///< futex; the last request answered by the fields below
    std::atomic<std::uint32_t> verify_ledger_complete{0};
    std::atomic<std::uint64_t> verify_checked_pages{0};
    std::atomic<std::uint64_t> verify_bad_pages{0};
    std::atomic<std::uint64_t> verify_first_bad_page{0};
    std::atomic<std::uint64_t> verify_writes{0};

    std::atomic<std::uint64_t> writes{0};
    std::atomic<std::uint64_t> corrupt_pages{0};
    std::atomic<std::uint64_t> longest_stall_nanoseconds{0};
    std::atomic<std::uint64_t> recent_stall_nanoseconds{0};  ///< the longest since the dirty log's owner took it (0)

    /// How long the guest stood still when it last ran again, by its own account, and at most so far; 0: it cannot
    /// tell.
    std::atomic<std::uint64_t> last_gap_nanoseconds{0};
    std::atomic<std::uint64_t> longest_gap_nanoseconds{0};

    std::atomic<std::int32_t> log_owner_pid{0};  ///< who holds the lock on the memory file; a hint for messages
    char mover[200] = {};                        ///< what the holder of the claim (move_claim.h) is doing, for messages
};

static_assert(sizeof(ControlBlock) <= kPageSize);
static_assert(std::atomic<std::uint64_t>::is_always_lock_free && sizeof(std::atomic<std::uint32_t>) == 4);

}  // namespace vmbuddies::process
