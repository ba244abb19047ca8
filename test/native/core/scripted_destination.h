// SPDX-License-Identifier: MIT
#pragma once
#include <algorithm>
#include <cstring>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "core/bitmap.h"
#include "core/destination.h"
#include "core/error.h"
#include "core/stream_reader.h"
#include "scripted_domain.h"

namespace vmbuddies::test {

/// Bytes in memory as a reader's source. Ends like a broken link.
class BytesSource : public StreamReader::Source {
   public:
    explicit BytesSource(std::span<const std::byte> bytes) : bytes_(bytes) {}
    void read(std::span<iovec> parts) override {
        for (const iovec& part : parts) {
            if (part.iov_len > bytes_.size()) throw Error(ErrorCode::kPeer, "read stream", "The link broke.");
            if (part.iov_len > 0) std::memcpy(part.iov_base, bytes_.data(), part.iov_len);
            bytes_ = bytes_.subspan(part.iov_len);
        }
        ++reads;
    }
    std::size_t left() const { return bytes_.size(); }
    int reads = 0;

   private:
    std::span<const std::byte> bytes_;
};

/// The memory a stream restores. An ALLOC entry clears the page only where the receiver is one that does
/// (ZeroPages::kAlways); Xen's only makes it exist.
class RestoredMemory : public StreamHandler {
   public:
    explicit RestoredMemory(Pfn end_pfn, bool alloc_clears = false)
        : restored(end_pfn), memory_(end_pfn * kPageSize), alloc_clears_(alloc_clears) {}

    std::byte* place(Pfn first, std::uint64_t count) override {
        restored.set_range(first, first + count);
        placed.emplace_back(first, count);
        return memory_.data() + first * kPageSize;
    }
    void zero(Pfn first, std::uint64_t count) override {
        restored.set_range(first, first + count);
        zeroed.emplace_back(first, count);
        if (alloc_clears_) std::memset(memory_.data() + first * kPageSize, 0, count * kPageSize);
    }
    void record(stream::RecordType type, std::span<const std::byte> body) override {
        records.emplace_back(type, std::string(reinterpret_cast<const char*>(body.data()), body.size()));
    }
    const std::byte* page(Pfn page) const { return memory_.data() + page * kPageSize; }

    Bitmap restored;
    std::vector<std::pair<Pfn, std::uint64_t>> placed;
    std::vector<std::pair<Pfn, std::uint64_t>> zeroed;
    std::vector<std::pair<stream::RecordType, std::string>> records;

   private:
    std::vector<std::byte> memory_;
    bool alloc_clears_;
};

/// Keeps the stream, and obeys the same kind of script as the domain.
class ScriptedDestination : public Destination {
   public:
    /// `guest` is held still while its memory is copied.
    ScriptedDestination(Script& script, std::mutex& guest) : script_(script), guest_(guest) {}

    void write(std::span<const iovec> parts, std::stop_token stop) override {
        call("write");
        if (stop.stop_requested()) throw Aborted{};
        const std::lock_guard lock(guest_);
        std::size_t bytes = 0;
        for (const iovec& part : parts) {
            const auto* begin = static_cast<const std::byte*>(part.iov_base);
            received.insert(received.end(), begin, begin + part.iov_len);
            bytes += part.iov_len;
        }
        largest_write = std::max(largest_write, bytes);
    }
    void check_alive() override { call("check_alive"); }
    void await_prepared(std::stop_token stop) override {
        this->stop = stop;
        call("await_prepared");
        if (stop.stop_requested()) throw Aborted{};
        prepared = true;
    }
    std::optional<double> commit() override {
        call("commit");
        committed = true;
        return gap_seconds;
    }
    void abort() noexcept override { ++aborts; }

    std::vector<std::byte> received;
    std::size_t largest_write = 0;
    bool prepared = false;
    bool committed = false;
    int aborts = 0;
    std::stop_token stop;               ///< of the wait for "prepared"
    std::optional<double> gap_seconds;  ///< the guest's own account

   private:
    void call(const std::string& name) {
        if (script_) script_(name);
    }

    Script& script_;
    std::mutex& guest_;
};

}  // namespace vmbuddies::test
