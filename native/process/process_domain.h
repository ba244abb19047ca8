// SPDX-License-Identifier: MIT
#pragma once
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/page.h"
#include "core/unique_fd.h"
#include "process/domain_values.h"
#include "process/memory_file.h"
#include "process/registry.h"

namespace vmbuddies::process {

struct ControlBlock;

/// A handle on one process domain, found in a registry folder (one folder is one "host"). Handles are cheap; a domain
/// may have many, in many processes; the domain lives on when one goes. Not thread-safe: one handle per thread. Every
/// call that needs the guest throws kDomainGone once it has ended, and kState for what it cannot do now.
class ProcessDomain {
   public:
    /// Creates memory and control block, starts the guest program, registers it, and returns once the guest runs: it
    /// has then written all of its memory once. kArgument, kDomainExists, kMemory, kUnavailable (no such program).
    static std::unique_ptr<ProcessDomain> start(const std::string& registry, const StartOptions& options);

    /// The same with empty memory and a guest that waits parked: the destination's side. Registered as NAME--incoming
    /// and bound to this process's life until release(). `uuid` is the source's.
    static std::unique_ptr<ProcessDomain> receive(const std::string& registry, const StartOptions& options,
                                                  const std::string& uuid);

    /// kDomainNotFound, or kDomainGone if it ended just now. The name may be that of an incoming domain.
    static std::unique_ptr<ProcessDomain> open(const std::string& registry, const std::string& name);
    /// All living domains, incoming ones included, by name. What is no domain, or ends meanwhile, is left out.
    static std::vector<DomainInfo> list(const std::string& registry);

    ~ProcessDomain();

    DomainInfo info() const;
    const std::string& name() const noexcept { return name_; }
    Pfn pages() const noexcept { return memory_.bytes() >> kPageShift; }
    int pid() const noexcept { return entry_.pid; }
    bool alive() const noexcept;

    /// The guest's memory in this process; populated lazily. Reading a page that is a hole allocates it: ask
    /// for_each_data_range() first.
    std::byte* memory() const noexcept { return memory_.base(); }
    int memory_fd() const noexcept { return memory_fd_.get(); }
    ControlBlock& control() const noexcept { return *control_; }

    /// Returns once the guest stands at a safe point. kSuspend on time-out (then it runs on), kDomainGone if it died.
    void suspend(std::chrono::milliseconds timeout);
    /// Lets the guest run on. kState while a migration (ProcessSource) has it suspended.
    void resume();
    /// Behind resume() or release(): how long the guest stood still, by its own account, in seconds. No value if it
    /// does not run within `patience`, or keeps no account because it is idle.
    std::optional<double> await_gap(std::chrono::milliseconds patience) const;
    /// Kills the guest and removes it from the registry. Idempotent.
    void destroy() noexcept;

    /// Asks the guest to give free pages back until no more than `target_bytes` are present, or (larger target) to take
    /// them again; returns the bytes present once it has settled. kArgument below what the workload uses, kState while
    /// the domain's dirty log is on or it is paused, kDeadline on time-out: it stops where it is.
    std::uint64_t balloon(std::uint64_t target_bytes, std::chrono::milliseconds timeout);

    /// Lets the guest check every page against its ledger while it works. kDeadline on time-out, kState if paused.
    Verification verify(std::chrono::milliseconds timeout);

    /// The longest the guest was kept from working since the last call, in seconds: what the dirty log's owner cost it.
    double take_longest_stall() noexcept;

    /// 64-bit digest of the whole memory, holes as zeros, the guest's clock left out (see replay.h). Meaningful while
    /// the guest is paused.
    std::uint64_t digest() const;

    /// Renames in the registry; kDomainExists if `name` is taken.
    void rename(const std::string& name);

    /// Incoming domain only: is the memory that of this domain after `writes` page writes? kStream, saying what is
    /// wrong, if not. It looks at the guest's header; the guest checks every page as it comes to use it.
    void check_received(std::uint64_t writes) const;
    /// Incoming domain only: takes its final name, lives by itself (`independent`) or with the process that received
    /// it, and starts. Returns once it runs. On kDomainExists nothing has changed; on kStream the guest refused its
    /// memory and has ended.
    void release(const std::string& name, bool independent);

    ProcessDomain(const ProcessDomain&) = delete;
    ProcessDomain& operator=(const ProcessDomain&) = delete;

   private:
    ProcessDomain(Registry registry, std::string name);
    static std::unique_ptr<ProcessDomain> launch(const std::string& registry, const StartOptions& options,
                                                 const std::string& uuid, bool incoming);

    UniqueFd open_in_guest(int fd) const;
    bool is_guest() const;
    [[noreturn]] void gone(const char* operation) const;
    void require_started(const char* operation) const;
    void require_running(const char* operation) const;
    /// Makes the guest look at its requests.
    void ring() const noexcept;
    /// Waits until `ready`(the futex word's value); false once `timeout` is over, kDomainGone if the guest ends before
    /// that.
    bool await(const std::atomic<std::uint32_t>& word, const std::function<bool(std::uint32_t)>& ready,
               std::chrono::milliseconds timeout, const char* operation) const;

    Registry registry_;
    std::string name_;
    Registry::Entry entry_;
    UniqueFd pid_fd_;
    UniqueFd memory_fd_;
    Mapping memory_;
    Mapping control_page_;
    ControlBlock* control_ = nullptr;
};

}  // namespace vmbuddies::process
