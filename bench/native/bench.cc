// SPDX-License-Identifier: MIT
#include "bench.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace vmbuddies::bench {
namespace {

bool within(Goal::Bound bound, double figure, double limit) {
    return bound == Goal::Bound::kAtLeast ? figure >= limit : figure <= limit;
}

void print_reference(const char* key, const std::optional<Reference>& reference) {
    if (reference) std::printf(R"(,"%s":%.9g,"%sName":"%s")", key, reference->value, key, reference->name.c_str());
}

void print_goal(const Goal& goal, double figure, const char* unit) {
    std::printf(R"(,"goal":"%s %g%s%s","met":%s,"fence":%g,"failed":%s)",
                goal.bound == Goal::Bound::kAtLeast ? ">=" : "<=", goal.value, *unit == '\0' ? " x" : " ", unit,
                within(goal.bound, figure, goal.value) ? "true" : "false", goal.fence,
                within(goal.bound, figure, goal.fence) ? "false" : "true");
}

}  // namespace

void print(const Row& row) {
    double ratio = 0;
    std::printf(R"({"part":"%s","name":"%s","unit":"%s","ours":%.9g)", row.part, row.name.c_str(), row.unit, row.ours);
    print_reference("baseline", row.baseline);
    if (row.baseline) {
        const bool faster = row.ratio_of == RatioOf::kBaselineToOurs;
        ratio = faster ? row.baseline->value / row.ours : row.ours / row.baseline->value;
        std::printf(R"(,"ratio":%.9g,"ratioOf":"%s")", ratio, faster ? "baseline/ours" : "ours/baseline");
    }
    if (row.goal) {
        const bool of_ratio = row.goal->of == Goal::Of::kRatio;
        print_goal(*row.goal, of_ratio ? ratio : row.ours, of_ratio ? "" : row.unit);
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
