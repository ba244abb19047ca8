// SPDX-License-Identifier: MIT
#pragma once
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace vmbuddies::xen {

class Libraries;

enum class GuestType { kPv, kPvh, kHvm };
/// "pv", "pvh", "hvm".
const char* guest_type_name(GuestType type) noexcept;

enum class RunState { kRunning, kPaused, kSuspended, kDying };
/// "running", "paused", "suspended", "dying".
const char* run_state_name(RunState state) noexcept;

struct XenDomainInfo {
    std::uint32_t domid = 0;
    std::string name;
    std::string uuid;  ///< as xl prints it
    GuestType type = GuestType::kPv;
    RunState state = RunState::kRunning;
    std::uint64_t memory_bytes = 0;   ///< memory/static-max: what the guest may have
    std::uint64_t present_bytes = 0;  ///< what it has now (xc_domaininfo_t.tot_pages)
    std::uint64_t target_bytes = 0;   ///< what it is asked to have; present_bytes where nobody asks
    std::uint32_t vcpus = 0;
    double cpu_seconds = 0;
};

/// Free memory inside the guest, as an agent there publishes it (data/meminfo_total, data/meminfo_free, in KiB).
struct GuestMemory {
    std::uint64_t total_bytes = 0;
    std::uint64_t free_bytes = 0;
};

/// What a guest had when its memory was held, and what it was asked to have then.
struct HeldTarget {
    std::uint64_t present_bytes = 0;
    std::uint64_t target_bytes = 0;  ///< 0 for a guest without a target
};

/// One thing that a migration needs of a domain.
struct Check {
    enum class Verdict { kPass, kNote, kFail };
    std::string subject;
    Verdict verdict = Verdict::kPass;
    std::string finding;
    std::string fix;  ///< what to do about it; "" where nothing is to be done
};

/// Why Xen calls cannot work here, in one sentence that says what is missing; "" when they can.
std::string xen_unavailable();
/// The hypervisor's version, for example "4.17.7"; "" without Xen.
std::string xen_version();

/// All guests of this host, domain 0 left out. Error kUnavailable without Xen, here and in open().
std::vector<XenDomainInfo> list_domains();

/// A handle of one guest, with its own connections to the hypervisor and to xenstore: one thread at a time.
/// Every call throws kDomainGone once the guest is dying or gone.
class XenDomain {
   public:
    /// By name, or by number. kDomainNotFound; kArgument for domain 0.
    static std::unique_ptr<XenDomain> open(const std::string& reference);
    ~XenDomain();

    std::uint32_t domid() const noexcept;
    const std::string& name() const noexcept;
    XenDomainInfo info();

    /// What stands in the way of migrating it live: log-dirty tried and switched off again, feature-suspend,
    /// passthrough, PoD, vNUMA, ballooning under way, device model. Nothing is changed.
    std::vector<Check> preflight();

    /// Asks the guest through xenstore and waits until its last instruction has run. kSuspend: it did not stop within
    /// `timeout`, the request was taken back, and it runs on. One that acknowledges too late to be told is waited for,
    /// up to 25 s more, and resumed if it stops.
    void suspend(std::chrono::milliseconds timeout);
    /// Lets a suspended guest run on here (xc_domain_resume, then xs_resume_domain). Does nothing to a running one.
    void resume();
    /// What `xl rename` does for PV and PVH, in one xenstore transaction. kDomainExists if the name is taken.
    void rename(const std::string& name);

    /// std::nullopt where no agent in the guest says.
    std::optional<GuestMemory> guest_memory();
    /// Sets the target as `xl mem-set` does, waits until the guest has got there or does not get further, and returns
    /// its present bytes, as it does at the end of `timeout`. Not above memory_bytes (kArgument). kState unless it
    /// runs, and while its dirty log is on.
    std::uint64_t balloon(std::uint64_t target_bytes, std::chrono::milliseconds timeout);
    /// Sees to it that the guest's memory stays as it is, for a migration: where it differs from the target by more
    /// than 1 MiB, the target becomes what the guest has, and nothing can be added to that until balloon() sets
    /// another. Returns once nothing changes any more. kState if something still does at the end of `timeout`, and
    /// while the dirty log is on.
    HeldTarget hold_memory(std::chrono::milliseconds timeout);

    class Connections;
    Connections& connections() noexcept { return *connections_; }

   private:
    explicit XenDomain(std::unique_ptr<Connections> connections);
    std::unique_ptr<Connections> connections_;
};

}  // namespace vmbuddies::xen
