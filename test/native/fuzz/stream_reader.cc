// SPDX-License-Identifier: MIT
// libFuzzer: whatever the bytes, a reader ends with END or an Error, and stays within its bounds.
//   clang++ -fsanitize=fuzzer,address,undefined; fuzz_stream_reader test/native/fuzz/corpus
#include "core/stream_reader.h"

#include <cstdlib>
#include <cstring>
#include <span>

#include "core/error.h"

using namespace vmbuddies;

namespace {

constexpr Pfn kEndPfn = 64;

class Bytes : public StreamReader::Source {
   public:
    explicit Bytes(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}
    void read(std::span<iovec> parts) override {
        for (const iovec& part : parts) {
            if (part.iov_len > bytes_.size()) throw Error(ErrorCode::kPeer, "read stream", "The bytes are used up.");
            if (part.iov_len > 0) std::memcpy(part.iov_base, bytes_.data(), part.iov_len);
            bytes_ = bytes_.subspan(part.iov_len);
        }
    }

   private:
    std::span<const std::uint8_t> bytes_;
};

void require(bool condition) {
    if (!condition) std::abort();
}

class Memory : public StreamHandler {
   public:
    std::byte* place(Pfn first, std::uint64_t count) override {
        require_inside(first, count);
        return memory_ + first * kPageSize;
    }
    void zero(Pfn first, std::uint64_t count) override {
        require_inside(first, count);
        std::memset(memory_ + first * kPageSize, 0, count * kPageSize);
    }
    void record(stream::RecordType type, std::span<const std::byte> body) override {
        require(type == stream::RecordType::kProcessTail);
        require(body.size() <= StreamReader::kMaxTailBytes);
    }

   private:
    static void require_inside(Pfn first, std::uint64_t count) {
        require(count > 0 && first < kEndPfn && count <= kEndPfn - first);
    }

    static inline std::byte memory_[kEndPfn * kPageSize];
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Bytes bytes({data, size});
    Memory memory;
    StreamReader reader(bytes, memory, stream::DomainType::kProcess, kEndPfn);
    try {
        reader.run();
        require(reader.bytes() <= size);
    } catch (const Error& error) {
        require(error.code() == ErrorCode::kStream || error.code() == ErrorCode::kPeer);
    }
    return 0;
}
