// SPDX-License-Identifier: MIT
#include "process/registry.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <memory>
#include <string_view>

#include "core/error.h"
#include "process/folder_lock.h"

namespace vmbuddies::process {
namespace {

constexpr std::size_t kMaxNameLength = 64;
constexpr std::string_view kEntryMagic = "vmbuddies-domain 1 ";
constexpr std::size_t kMaxSuffixLength = std::max(sizeof kIncomingSuffix, sizeof kMovedAwaySuffix) - 1;
constexpr int kMaxDescriptor = 1 << 20;

bool is_name_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-';
}

bool is_well_formed(std::string_view name, std::size_t max_length) {
    return !name.empty() && name.size() <= max_length && name[0] != '.' && name[0] != '-' &&
           std::all_of(name.begin(), name.end(), is_name_character);
}

/// What may be looked up: a domain's name, with or without a migration's mark.
bool is_entry_name(std::string_view name) { return is_well_formed(name, kMaxNameLength + kMaxSuffixLength); }

void make_folders(const std::string& path) {
    for (std::size_t slash = path.find('/', 1);; slash = path.find('/', slash + 1)) {
        if (::mkdir(path.substr(0, slash).c_str(), 0700) != 0 && errno != EEXIST) {
            throw Error::system("registry", "The folder " + path + " cannot be made", errno);
        }
        if (slash == std::string::npos) return;
    }
}

bool next_number(std::string_view& text, int& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end == text.data() + text.size() || (*end != ' ' && *end != '\n')) return false;
    text.remove_prefix(static_cast<std::size_t>(end + 1 - text.data()));
    return true;
}

bool parse(std::string_view text, Registry::Entry& entry) {
    if (!text.starts_with(kEntryMagic)) return false;
    text.remove_prefix(kEntryMagic.size());
    return next_number(text, entry.pid) && next_number(text, entry.memory_fd) && next_number(text, entry.control_fd) &&
           text.empty() && entry.pid > 0 && entry.memory_fd >= 0 && entry.memory_fd < kMaxDescriptor &&
           entry.control_fd >= 0 && entry.control_fd < kMaxDescriptor;
}

UniqueFd open_file(int folder, const std::string& name) {
    // O_NONBLOCK: somebody may have put a fifo there.
    return UniqueFd(::openat(folder, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
}

bool write_text(int file, std::string_view text) {
    return ::pwrite(file, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size());
}

Error exists(const std::string& name) {
    return Error(ErrorCode::kDomainExists, "registry", "There is a domain named " + name + " already.");
}

Error not_found(const std::string& name) {
    return Error(ErrorCode::kDomainNotFound, "registry", "There is no domain named " + name + ".");
}

}  // namespace

void check_domain_name(const std::string& name) {
    if (!is_well_formed(name, kMaxNameLength) || name.ends_with(kIncomingSuffix) || name.ends_with(kMovedAwaySuffix)) {
        throw Error(ErrorCode::kArgument, "name",
                    "A domain's name is 1 to 64 letters, digits, '.', '_' or '-', starts with neither '.' nor '-' and "
                    "ends in neither " +
                        std::string(kIncomingSuffix) + " nor " + kMovedAwaySuffix + ".");
    }
}

Registry::Registry(const std::string& path) : path_(path) {
    if (path.empty()) throw Error(ErrorCode::kArgument, "registry", "The registry's path is empty.");
    make_folders(path);
    folder_ = UniqueFd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    struct stat status {};
    if (!folder_.valid() || ::fstat(folder_.get(), &status) != 0) {
        const int error = errno;
        if (error == ENOTDIR) throw Error(ErrorCode::kArgument, "registry", path + " is not a folder.");
        throw Error::system("registry", "The folder " + path + " cannot be opened", error);
    }
    if (status.st_uid != ::geteuid() || (status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        throw Error(ErrorCode::kArgument, "registry",
                    path + " must belong to this user and be writable to nobody else.");
    }
}

void Registry::check_free(const std::string& name) const {
    if (alive(name)) throw exists(name);
    if (alive(name + kIncomingSuffix)) {
        throw Error(ErrorCode::kDomainExists, "registry", "A domain named " + name + " is being received.");
    }
}

Registry::Draft Registry::draft(const std::string& name) const {
    static std::atomic<unsigned> counter{0};
    Draft draft;
    // A leading dot: no domain has such a name, so find() and names() pass it by.
    draft.hidden_name = "." + name + "." + std::to_string(::getpid()) + "." + std::to_string(counter++);
    constexpr int kFlags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    draft.file = UniqueFd(::openat(folder_.get(), draft.hidden_name.c_str(), kFlags, 0600));
    // The magic goes in last: a file that has it and is not locked is a dead entry to everybody.
    if (!draft.file.valid() || ::flock(draft.file.get(), LOCK_EX) != 0 || !write_text(draft.file.get(), kEntryMagic)) {
        throw Error::system("registry", "An entry cannot be made in " + path_, errno);
    }
    return draft;
}

void Registry::publish(const Draft& draft, const Entry& entry, const std::string& name) const {
    const std::string text = std::string(kEntryMagic) + std::to_string(entry.pid) + " " +
                             std::to_string(entry.memory_fd) + " " + std::to_string(entry.control_fd) + "\n";
    if (!write_text(draft.file.get(), text)) {
        throw Error::system("registry", "An entry cannot be written in " + path_, errno);
    }
    if (!move(draft.hidden_name, name)) throw exists(name);
}

void Registry::discard(const Draft& draft) const noexcept { ::unlinkat(folder_.get(), draft.hidden_name.c_str(), 0); }

Registry::Entry Registry::find(const std::string& name) const {
    if (!is_entry_name(name) || !alive(name)) throw not_found(name);
    const UniqueFd file = open_file(folder_.get(), name);
    struct stat status {};
    std::array<char, 128> text{};
    ssize_t length = 0;
    Entry entry;
    if (!file.valid() || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode) ||
        status.st_uid != ::geteuid() || (length = ::pread(file.get(), text.data(), text.size(), 0)) <= 0 ||
        !parse({text.data(), static_cast<std::size_t>(length)}, entry)) {
        throw not_found(name);
    }
    entry.device = status.st_dev;
    entry.inode = status.st_ino;
    return entry;
}

std::vector<std::string> Registry::names() const {
    // A descriptor of its own: reading a folder moves the file position.
    const int fd = ::openat(folder_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const std::unique_ptr<DIR, int (*)(DIR*)> folder(fd < 0 ? nullptr : ::fdopendir(fd), ::closedir);
    if (!folder) throw Error::system("registry", "The folder " + path_ + " cannot be read", errno);
    std::vector<std::string> names;
    while (const dirent* item = ::readdir(folder.get())) {
        const std::string name = item->d_name;
        if (alive(name) && is_entry_name(name)) names.push_back(name);
    }
    std::sort(names.begin(), names.end());
    return names;
}

void Registry::rename(const std::string& from, const std::string& to, const Entry& entry) const {
    struct stat status {};
    if (::fstatat(folder_.get(), from.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0 || status.st_dev != entry.device ||
        status.st_ino != entry.inode || !move(from, to)) {
        if (alive(to)) throw exists(to);
        throw not_found(from);
    }
}

/// Says whether an entry's guest lives, and removes the entry if it does not. Files that are not ours, or are
/// not files, are left alone and are not alive.
bool Registry::alive(const std::string& name) const {
    const UniqueFd file = open_file(folder_.get(), name);
    struct stat status {};
    if (!file.valid() || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode) ||
        status.st_uid != ::geteuid()) {
        return false;
    }
    if (::flock(file.get(), LOCK_SH | LOCK_NB) != 0) return true;
    std::array<char, kEntryMagic.size()> text{};
    const bool is_entry = ::pread(file.get(), text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()) &&
                          std::string_view(text.data(), text.size()) == kEntryMagic;
    if (!is_entry) return false;
    // Under the folder's lock this name either still means the dead entry or is left alone: only a holder of that
    // lock takes a dead entry away, and a new one cannot take its name while it is there.
    const FolderLock lock(folder_.get());
    struct stat named {};
    if (::fstatat(folder_.get(), name.c_str(), &named, AT_SYMLINK_NOFOLLOW) == 0 && named.st_dev == status.st_dev &&
        named.st_ino == status.st_ino) {
        ::unlinkat(folder_.get(), name.c_str(), 0);
    }
    return false;
}

void Registry::remove_if_dead(const std::string& name) const noexcept {
    try {
        alive(name);
    } catch (const std::bad_alloc&) {
        // Whoever looks next removes it.
    }
}

/// False if `to` is the name of a living domain, or `from` is gone.
bool Registry::move(const std::string& from, const std::string& to) const {
    // Each turn either ends here or has removed a dead entry; more than one takes others that come and go meanwhile.
    constexpr int kMaxTurns = 100;
    for (int turn = 0; turn < kMaxTurns; ++turn) {
        const long moved =
            ::syscall(SYS_renameat2, folder_.get(), from.c_str(), folder_.get(), to.c_str(), RENAME_NOREPLACE);
        if (moved == 0) return true;
        if (errno == ENOENT) return false;
        if (errno != EEXIST) throw Error::system("registry", "An entry cannot be renamed in " + path_, errno);
        if (alive(to)) return false;  // otherwise what was in the way may be gone now
    }
    return false;
}

}  // namespace vmbuddies::process
