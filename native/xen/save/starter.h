// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>

#include "xen/save_messages.h"

namespace vmbuddies::xen::save {

/// The process that started this one, at the other end of standard input.
class Starter {
   public:
    /// Blocks until it has answered. `without_answer` if it is gone or answers what is no answer: then nobody is left
    /// who would want the guest moved.
    std::int32_t ask(Question question, std::uint64_t pages, std::int32_t without_answer) noexcept;
};

}  // namespace vmbuddies::xen::save
