// SPDX-License-Identifier: MIT
#pragma once
#include "core/stream_writer.h"
#include "xen/connections.h"

namespace vmbuddies::xen {

/// What the guest's processors look like to it: X86_CPUID_POLICY, X86_MSR_POLICY.
void write_cpu_policy(XenDomain::Connections& guest, StreamWriter& stream);

/// What is known of a suspended guest beside its memory: X86_TSC_INFO, HVM_CONTEXT, HVM_PARAMS.
void write_hvm_state(XenDomain::Connections& guest, StreamWriter& stream);

}  // namespace vmbuddies::xen
