// SPDX-License-Identifier: MIT
#include "process/process_domain.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <new>
#include <utility>

#include "core/error.h"
#include "process/control_block.h"
#include "process/digest.h"
#include "process/guest_launch.h"
#include "process/life_line.h"

namespace vmbuddies::process {
namespace {

constexpr std::size_t kUuidDigits = 32;

std::string random_uuid() {
    std::array<unsigned char, kUuidDigits / 2> bytes;
    if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
        throw Error::system("start", "There are no random numbers", errno);
    }
    std::string uuid;
    for (const unsigned char byte : bytes) {
        uuid += "0123456789abcdef"[byte >> 4];
        uuid += "0123456789abcdef"[byte & 15];
    }
    return uuid;
}

void check_uuid(const std::string& uuid) {
    if (uuid.size() != kUuidDigits || uuid.find_first_not_of("0123456789abcdef") != std::string::npos) {
        throw Error(ErrorCode::kArgument, "start", "A domain's uuid is 32 hexadecimal digits in lower case.");
    }
}

/// A memory file whose size cannot change under our mapping?
bool is_sealed_file(int fd, std::uint64_t& bytes) {
    struct stat status {};
    const int seals = ::fcntl(fd, F_GET_SEALS);
    if (seals < 0 || (seals & F_SEAL_SHRINK) == 0 || ::fstat(fd, &status) != 0) return false;
    bytes = static_cast<std::uint64_t>(status.st_size);
    return true;
}

}  // namespace

std::unique_ptr<ProcessDomain> ProcessDomain::start(const std::string& registry, const StartOptions& options) {
    return launch(registry, options, random_uuid(), false);
}

std::unique_ptr<ProcessDomain> ProcessDomain::receive(const std::string& registry, const StartOptions& options,
                                                      const std::string& uuid) {
    check_uuid(uuid);
    return launch(registry, options, uuid, true);
}

std::unique_ptr<ProcessDomain> ProcessDomain::launch(const std::string& registry, const StartOptions& options,
                                                     const std::string& uuid, bool incoming) {
    check_domain_name(options.name);
    check_workload(options.memory_bytes, options.workload);
    Registry folder(registry);
    // The name of an incoming domain may still be its source's, on this very host; release() finds out.
    if (!incoming) folder.check_free(options.name);
    const std::string name = incoming ? options.name + kIncomingSuffix : options.name;

    // Without the mark: the label stays as it is when the copy becomes the domain.
    const UniqueFd memory = create_memory_file(("vmbuddies:" + options.name).c_str(), options.memory_bytes);
    const UniqueFd control_file = create_memory_file("vmbuddies-control", kPageSize);
    const Mapping control_page = Mapping::shared(control_file.get(), kPageSize);
    auto* control = new (control_page.base()) ControlBlock;
    control->memory_pages = static_cast<std::uint32_t>(options.memory_bytes >> kPageShift);
    control->workload = options.workload;
    std::memcpy(control->uuid, uuid.c_str(), uuid.size() + 1);
    control->incoming.store(incoming ? 1 : 0);
    control->request.store(incoming ? ControlBlock::kPauseRequest : 0);

    Registry::Draft draft = folder.draft(name);
    try {
        const GuestDescriptors descriptors{memory.get(), control_file.get(), draft.file.get(), life_line()};
        GuestLaunch guest(options.guest_program, name, descriptors, *control);
        guest.await_ready();
        const Registry::Entry entry{control->pid.load(), kGuestMemoryFd, kGuestControlFd, 0, 0};
        folder.publish(draft, entry, name);
        std::unique_ptr<ProcessDomain> domain(new ProcessDomain(Registry(registry), name));
        // Only now that it can be found and is held: until here the guest must not outlive its starter.
        if (!incoming) control->independent.store(options.independent ? 1 : 0);
        guest.dismiss();
        return domain;
    } catch (...) {
        folder.discard(draft);
        throw;
    }
}

std::unique_ptr<ProcessDomain> ProcessDomain::open(const std::string& registry, const std::string& name) {
    return std::unique_ptr<ProcessDomain>(new ProcessDomain(Registry(registry), name));
}

std::vector<DomainInfo> ProcessDomain::list(const std::string& registry) {
    std::vector<DomainInfo> domains;
    for (const std::string& name : Registry(registry).names()) {
        try {
            domains.push_back(open(registry, name)->info());
        } catch (const Error& error) {
            if (error.code() != ErrorCode::kDomainGone && error.code() != ErrorCode::kDomainNotFound) throw;
        }
    }
    return domains;
}

ProcessDomain::ProcessDomain(Registry registry, std::string name)
    : registry_(std::move(registry)), name_(std::move(name)), entry_(registry_.find(name_)) {
    // From here on the process number is this process and no later one.
    pid_fd_ = UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, entry_.pid, 0)));
    if (!pid_fd_.valid() && errno == ESRCH) gone("open");
    if (!pid_fd_.valid()) throw Error::system("open", "The guest of " + name_ + " cannot be watched", errno);
    memory_fd_ = open_in_guest(entry_.memory_fd);
    const UniqueFd control_file = open_in_guest(entry_.control_fd);
    std::uint64_t control_bytes = 0;
    std::uint64_t memory_bytes = 0;
    const bool sealed =
        is_sealed_file(control_file.get(), control_bytes) && is_sealed_file(memory_fd_.get(), memory_bytes);
    if (sealed && control_bytes == kPageSize && memory_bytes > 0) {
        control_page_ = Mapping::shared(control_file.get(), kPageSize);
        memory_ = Mapping::shared(memory_fd_.get(), memory_bytes);
        control_ = reinterpret_cast<ControlBlock*>(control_page_.base());
    }
    if (!alive()) gone("open");
    if (!is_guest()) {
        throw Error(ErrorCode::kDomainNotFound, "open", "The registry's entry " + name_ + " does not lead to a guest.");
    }
}

ProcessDomain::~ProcessDomain() = default;

UniqueFd ProcessDomain::open_in_guest(int fd) const {
    const std::string path = "/proc/" + std::to_string(entry_.pid) + "/fd/" + std::to_string(fd);
    return UniqueFd(::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
}

bool ProcessDomain::is_guest() const {
    return control_ != nullptr && control_->magic == ControlBlock::kMagic &&
           control_->version == ControlBlock::kVersion && control_->pid.load() == entry_.pid &&
           control_->memory_pages == pages() && control_->uuid[kUuidDigits] == '\0';
}

void ProcessDomain::gone(const char* operation) const {
    throw Error(ErrorCode::kDomainGone, operation, "The guest of " + name_ + " has ended.");
}

bool ProcessDomain::alive() const noexcept {
    pollfd ended{pid_fd_.get(), POLLIN, 0};
    return ::poll(&ended, 1, 0) == 0;
}

DomainInfo ProcessDomain::info() const {
    struct stat status {};
    if (::fstat(memory_fd_.get(), &status) != 0)
        throw Error::system("info", "The memory of " + name_ + " is lost", errno);
    DomainInfo info;
    info.name = name_;
    info.uuid = control_->uuid;
    info.pid = entry_.pid;
    info.memory_bytes = memory_.bytes();
    info.present_bytes = static_cast<std::uint64_t>(status.st_blocks) * 512;
    info.paused = control_->paused.load() != 0 && (control_->request.load() & ControlBlock::kPauseRequest) != 0;
    info.moving = info.paused && control_->held.load() != 0;
    info.ended = !alive();
    info.incoming = control_->incoming.load() != 0;
    info.independent = control_->independent.load() != 0;
    info.workload = control_->workload;
    info.writes = control_->writes.load();
    info.longest_stall_seconds = static_cast<double>(control_->longest_stall_nanoseconds.load()) * 1e-9;
    info.last_gap_seconds = static_cast<double>(control_->last_gap_nanoseconds.load()) * 1e-9;
    info.longest_gap_seconds = static_cast<double>(control_->longest_gap_nanoseconds.load()) * 1e-9;
    info.corrupt_pages = control_->corrupt_pages.load();
    return info;
}

void ProcessDomain::destroy() noexcept {
    constexpr int kPatienceMs = 10'000;  // a large memory takes a while to be torn down
    ::syscall(SYS_pidfd_send_signal, pid_fd_.get(), SIGKILL, nullptr, 0);
    pollfd ended{pid_fd_.get(), POLLIN, 0};
    while (::poll(&ended, 1, kPatienceMs) < 0 && errno == EINTR) {
    }
    registry_.remove_if_dead(name_);
}

double ProcessDomain::take_longest_stall() noexcept {
    return static_cast<double>(control_->recent_stall_nanoseconds.exchange(0)) * 1e-9;
}

std::uint64_t ProcessDomain::digest() const { return digest_memory(memory_fd(), memory(), pages()); }

void ProcessDomain::rename(const std::string& name) {
    const bool aside = name.ends_with(kMovedAwaySuffix);
    check_domain_name(aside ? name.substr(0, name.size() - (sizeof kMovedAwaySuffix - 1)) : name);
    require_started("rename");
    if (name == name_) return;
    registry_.check_free(name);
    registry_.rename(name_, name, entry_);
    name_ = name;
}

}  // namespace vmbuddies::process
