// SPDX-License-Identifier: MIT
#pragma once
#include <sys/uio.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "page.h"
#include "stream_format.h"

namespace vmbuddies {

/// What a reader does with the stream it reads. Calls come in the order of the wire.
class StreamHandler {
   public:
    virtual ~StreamHandler() = default;
    /// Where the data of `count` pages from `first` on shall be read to; called for every run of neighbouring pages
    /// in a batch, whose numbers are already checked against the domain's size.
    virtual std::byte* place(Pfn first, std::uint64_t count) = 0;
    /// Pages that exist and are zero (ALLOC entries).
    virtual void zero(Pfn first, std::uint64_t count) = 0;
    /// A record that is neither pages nor framing, whole: the tail. At most kMaxTailBytes.
    virtual void record(stream::RecordType type, std::span<const std::byte> body) = 0;
};

/// Reads one libxc v3 stream to its END record. Strict: every length and number is bounded before it is used, and
/// anything else than a well-formed stream ends in Error kStream that names the record and its offset.
/// Stricter than Xen's receiver in one point: pages ascend within a record, so that each has one meaning only.
class StreamReader {
   public:
    static constexpr std::uint32_t kMaxTailBytes = 1u << 20;

    /// Fills all parts, or throws (kPeer on a broken link or early end of file).
    class Source {
       public:
        virtual ~Source() = default;
        virtual void read(std::span<iovec> parts) = 0;
    };

    StreamReader(Source& source, StreamHandler& handler, stream::DomainType type, Pfn end_pfn);

    /// Reads everything up to and with END.
    void run();

    std::uint64_t bytes() const noexcept { return bytes_; }
    /// Pages restored so far, each time they were; pages of zeros included.
    std::uint64_t pages() const noexcept { return pages_; }

   private:
    enum class Phase { kStaticData, kPages, kTail };

    void read_headers();
    void read_record();
    void read_page_data();
    void read_entries();
    void read_runs();
    void read_body(std::uint32_t max_bytes);
    void read(void* into, std::size_t bytes);
    void require_static_data_end() const;
    const char* flaw(std::uint64_t entry) const noexcept;
    [[noreturn]] void refuse(const std::string& why) const;

    Source& source_;
    StreamHandler& handler_;
    stream::DomainType type_;
    Pfn end_pfn_;
    Phase phase_ = Phase::kStaticData;
    stream::RecordHeader header_{};
    std::uint64_t record_ = 0;     ///< number of the record being read, from 0
    std::uint64_t record_at_ = 0;  ///< its offset in the stream
    std::uint64_t bytes_ = 0;
    std::uint64_t pages_ = 0;
    std::vector<std::uint64_t> entries_;
    std::vector<iovec> parts_;
    std::vector<std::byte> body_;
};

}  // namespace vmbuddies
