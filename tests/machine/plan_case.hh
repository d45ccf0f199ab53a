// A case of testdata/plans: a host, an image, settings and flags, and behind them the whole plan
// that they have to give. testdata/plans/README.md shows the form.

#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace slipway::tests {

struct PlanCase {
    std::string given;    ///< the file up to its plan
    std::string expected; ///< the plan, or the refusal
};

std::vector<std::filesystem::path> plan_case_files();

PlanCase read_plan_case(const std::filesystem::path& file);

/// What the tree makes of it, in the form of the file.
std::string plan_of(const PlanCase& plan_case);

} // namespace slipway::tests
