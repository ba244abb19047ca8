// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <span>

#include "core/error.h"
#include "process/wire.h"

namespace vmbuddies::process {

/// What follows the last page of a process domain, in one record of type stream::RecordType::kProcessTail:
/// u64 magic, u64 writes, little-endian. All else of the guest lies in its memory.
struct ProcessTail {
    static constexpr std::uint64_t kMagic = 0x6c6961742d626d76;  ///< "vmb-tail" as bytes

    std::uint64_t writes = 0;  ///< page writes since the guest was first started (DomainInfo::writes)

    WireWriter encode() const {
        WireWriter wire;
        wire.u64(kMagic);
        wire.u64(writes);
        return wire;
    }
    static ProcessTail decode(std::span<const std::byte> body) {
        WireReader wire(body);
        if (wire.u64() != kMagic) throw Error(ErrorCode::kStream, "tail", "The tail is not a process domain's.");
        const ProcessTail tail{.writes = wire.u64()};
        wire.end();
        return tail;
    }
};

}  // namespace vmbuddies::process
