// SPDX-License-Identifier: MIT
#include "process/arrivals.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "process/folder_lock.h"
#include "process/offer.h"
#include "process/registry.h"

namespace vmbuddies::process {
namespace {

// A leading dot: no domain has such a name.
constexpr char kFile[] = ".arrivals";
constexpr char kDraft[] = ".arrivals.new";
constexpr std::string_view kMagic = "vmbuddies-arrivals 1 ";

std::int64_t now_ms() {
    using std::chrono::system_clock;
    return std::chrono::duration_cast<std::chrono::milliseconds>(system_clock::now().time_since_epoch()).count();
}

struct Mark {
    std::string_view uuid;
    std::int64_t at_ms;
};

std::string line_of(std::string_view uuid, std::int64_t at_ms) {
    return std::string(uuid) + " " + std::to_string(at_ms) + "\n";
}

std::optional<std::int64_t> number_of(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return {};
    return number;
}

/// The file, taken apart. A last line without its end is none: its note() never returned.
class Contents {
   public:
    /// No value for what is not such a file, whole: nothing in it can be relied on.
    static std::optional<Contents> parse(std::string text) {
        Contents contents(std::move(text));
        if (!contents.take_apart()) return {};
        return contents;
    }

    /// From when on all that was let go is here.
    std::int64_t since_ms() const noexcept { return since_ms_; }
    const std::vector<Mark>& marks() const noexcept { return marks_; }
    std::size_t whole_bytes() const noexcept { return whole_bytes_; }

    Contents(Contents&&) = default;
    Contents(const Contents&) = delete;

   private:
    explicit Contents(std::string text) : text_(std::make_unique<std::string>(std::move(text))) {}

    bool take_apart() {
        std::string_view rest = *text_;
        whole_bytes_ = rest.rfind('\n') + 1;  // npos + 1: 0
        rest = rest.substr(0, whole_bytes_);
        if (!rest.starts_with(kMagic)) return false;
        const std::size_t header_end = rest.find('\n');
        const auto since = number_of(rest.substr(kMagic.size(), header_end - kMagic.size()));
        if (!since) return false;
        since_ms_ = *since;
        for (rest.remove_prefix(header_end + 1); !rest.empty();) {
            const std::size_t end = rest.find('\n');
            const std::string_view line = rest.substr(0, end);
            if (line.size() <= kUuidDigits || line[kUuidDigits] != ' ') return false;
            const auto at = number_of(line.substr(kUuidDigits + 1));
            if (!at) return false;
            marks_.push_back({.uuid = line.substr(0, kUuidDigits), .at_ms = *at});
            rest.remove_prefix(end + 1);
        }
        return true;
    }

    std::unique_ptr<std::string> text_;  ///< stays where it is: the marks look into it
    std::int64_t since_ms_ = 0;
    std::vector<Mark> marks_;
    std::size_t whole_bytes_ = 0;
};

Error failure(const std::string& path, const char* what, int error) {
    return Error::system("arrivals", "What has arrived " + std::string(what) + " in " + path, error);
}

/// Whole, or no value if there is no such file.
std::optional<std::string> read_all(const std::string& path, int folder) {
    const UniqueFd file(::openat(folder, kFile, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!file.valid()) {
        if (errno == ENOENT) return {};
        throw failure(path, "cannot be read", errno);
    }
    std::string text;
    std::vector<char> part(std::size_t{64} << 10);
    for (;;) {
        const ssize_t length = ::read(file.get(), part.data(), part.size());
        if (length < 0 && errno == EINTR) continue;
        if (length < 0) throw failure(path, "cannot be read", errno);
        if (length == 0) return text;
        text.append(part.data(), static_cast<std::size_t>(length));
    }
}

void write_durably(const std::string& path, int file, std::string_view text, std::size_t offset) {
    const ssize_t written = ::pwrite(file, text.data(), text.size(), static_cast<off_t>(offset));
    if (written != static_cast<ssize_t>(text.size())) {
        throw failure(path, "cannot be written", written < 0 ? errno : ENOSPC);
    }
    if (::fdatasync(file) != 0) throw failure(path, "cannot be written", errno);
}

/// In the file's place, at once. Under the folder's lock.
void replace(const std::string& path, int folder, std::string_view text) {
    constexpr int kFlags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC;
    const UniqueFd file(::openat(folder, kDraft, kFlags, 0600));
    if (!file.valid()) throw failure(path, "cannot be written", errno);
    write_durably(path, file.get(), text, 0);
    if (::renameat(folder, kDraft, folder, kFile) != 0 || ::fsync(folder) != 0) {
        throw failure(path, "cannot be written", errno);
    }
}

void begin_anew(const std::string& path, int folder, const std::string& marks = {}) {
    replace(path, folder, std::string(kMagic) + std::to_string(now_ms()) + "\n" + marks);
}

std::optional<Contents> contents_of(const std::string& path, int folder) {
    auto text = read_all(path, folder);
    if (!text) return {};
    return Contents::parse(std::move(*text));
}

}  // namespace

Arrivals::Arrivals(const std::string& registry) : path_(registry) {
    const Registry made(registry);
    folder_ = UniqueFd(::open(registry.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder_.valid()) throw failure(path_, "cannot be read", errno);
    const FolderLock lock(folder_.get());
    if (!contents_of(path_, folder_.get())) begin_anew(path_, folder_.get());
}

void Arrivals::note(const std::string& uuid) const {
    const FolderLock lock(folder_.get());
    const std::string line = line_of(uuid, now_ms());
    const auto contents = contents_of(path_, folder_.get());
    if (!contents) return begin_anew(path_, folder_.get(), line);
    if (const auto& marks = contents->marks(); marks.size() >= 2 * kMaxRemembered) {
        const std::size_t dropped = marks.size() - kMaxRemembered + 1;
        std::int64_t since = contents->since_ms();
        for (std::size_t i = 0; i < dropped; ++i) since = std::max(since, marks[i].at_ms + 1);
        std::string text = std::string(kMagic) + std::to_string(since) + "\n";
        for (std::size_t i = dropped; i < marks.size(); ++i) text += line_of(marks[i].uuid, marks[i].at_ms);
        return replace(path_, folder_.get(), text + line);
    }
    const UniqueFd file(::openat(folder_.get(), kFile, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!file.valid() || ::ftruncate(file.get(), static_cast<off_t>(contents->whole_bytes())) != 0) {
        throw failure(path_, "cannot be written", errno);
    }
    write_durably(path_, file.get(), line, contents->whole_bytes());
}

Arrivals::Memory Arrivals::recall(const std::string& uuid, std::chrono::milliseconds ago) const {
    const auto contents = contents_of(path_, folder_.get());
    if (!contents) return Memory::kForgotten;
    const std::int64_t asked_ms = ago.count() == 0 ? 0 : now_ms() - ago.count();
    std::optional<std::int64_t> arrived_ms;
    for (const Mark& mark : contents->marks()) {
        if (mark.uuid == uuid) arrived_ms = std::max(arrived_ms.value_or(mark.at_ms), mark.at_ms);
    }
    if (arrived_ms && *arrived_ms >= asked_ms) return Memory::kArrived;
    // An earlier arrival is of an earlier move, if the clock has not been set since: no ground to say never.
    const bool reaches = ago.count() == 0 || contents->since_ms() <= asked_ms;
    return reaches && !arrived_ms ? Memory::kNever : Memory::kForgotten;
}

}  // namespace vmbuddies::process
