// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <string>

namespace vmbuddies {

/// Bytes as a message tells them, in the largest binary unit of which there is one: 20971520 is "20 MiB". Seven digits,
/// so that sizes that differ by a page look different up to 32 GiB.
std::string size_text(std::uint64_t bytes);

}  // namespace vmbuddies
