// SPDX-License-Identifier: MIT
#include "xen/present_scan.h"

#include <algorithm>

namespace vmbuddies::xen {
namespace {

constexpr Pfn kStretch = 1024;
// 64 MiB below the end: there libxl lays the few pages beside its RAM of a PVH guest of less than 4 GiB, ACPI tables
// from 0xfc000 on, xenstore's and the console's ring and others from 0xfeff8 on.
constexpr Pfn kTop = 16'384;
// Sparser than this no region of memory is laid out.
constexpr Pfn kProbeStride = 64;

}  // namespace

// Stopping at the total is right as long as no page comes anew (the caller sees to that) and none counts that is not
// the guest's own: what a guest has mapped of others' memory does. Such a guest is given away by a count beyond the
// total, or by pages found where there should be no more; then everything is looked at.
void PresentScan::run(std::uint64_t total_pages) {
    const Pfn top = out_.size() - std::min(kTop, out_.size());
    look_at(top, out_.size());
    Pfn next = 0;
    std::uint64_t found = out_.count(top, out_.size());
    while (next < top && found < total_pages) {
        const Pfn last = std::min(next + kStretch, top);
        look_at(next, last);
        found += out_.count(next, last);
        next = last;
    }
    if (found != total_pages || any_in(next, top)) look_at(next, top);
}

void PresentScan::run_to_the_end() { look_at(0, out_.size()); }

void PresentScan::look_at(Pfn first, Pfn last) {
    while (first < last) {
        pages_.clear();
        for (; first < last && pages_.size() < kStretch; ++first) pages_.push_back(first);
        look_(pages_, [this](std::size_t i) { out_.set(pages_[i]); });
    }
}

bool PresentScan::any_in(Pfn first, Pfn last) {
    pages_.clear();
    for (; first < last; first += kProbeStride) pages_.push_back(first);
    bool any = false;
    look_(pages_, [&any](std::size_t) { any = true; });
    return any;
}

}  // namespace vmbuddies::xen
