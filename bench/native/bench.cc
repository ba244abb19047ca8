// SPDX-License-Identifier: MIT
#include "bench.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace vmbuddies::bench {
namespace {

void print_reference(const char* key, const std::optional<Reference>& reference) {
    if (!reference) return;
    std::printf(R"(,"%s":{"name":"%s","value":%.9g})", key, reference->name.c_str(), reference->value);
}

}  // namespace

void print(const Row& row) {
    std::printf(R"({"part":"%s","name":"%s","unit":"%s","ours":%.9g)", row.part, row.name.c_str(), row.unit, row.ours);
    print_reference("baseline", row.baseline);
    if (row.baseline) {
        const bool faster = row.ratio_of == RatioOf::kBaselineToOurs;
        std::printf(R"(,"ratio":{"value":%.9g,"of":"%s"})",
                    faster ? row.baseline->value / row.ours : row.ours / row.baseline->value,
                    faster ? "baseline/ours" : "ours/baseline");
    }
    if (row.goal) {
        std::printf(R"(,"goal":{"of":"%s","bound":"%s","value":%.9g,"fence":%.9g})",
                    row.goal->of == Goal::Of::kRatio ? "ratio" : "ours",
                    row.goal->bound == Goal::Bound::kAtLeast ? "atLeast" : "atMost", row.goal->value, row.goal->fence);
    }
    print_reference("limit", row.limit);
    std::puts("}");
    std::fflush(stdout);
}

double percentile(std::vector<double> values, double share) {
    const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(values.size())));
    const auto nth = values.begin() + static_cast<std::ptrdiff_t>(std::max<std::size_t>(rank, 1) - 1);
    std::nth_element(values.begin(), nth, values.end());
    return *nth;
}

}  // namespace vmbuddies::bench
