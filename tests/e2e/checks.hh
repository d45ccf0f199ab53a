// What many whole transfers are asked afterwards.

#pragma once

#include <set>
#include <string>
#include <vector>

#include "tests/catch.hh"
#include "tests/e2e/running_job.hh"
#include "tests/e2e/scene.hh"
#include "tests/support/tree.hh"

namespace slipway::tests {

using Lines = std::vector<std::string>;

/// How the stored image differs from the tree that was packed; its origin is not compared.
Lines differences(const std::filesystem::path& tree, const std::filesystem::path& image);

/// The job is refused with this status, in one line on standard error that holds `part`; the pool
/// holds `entries` as before and no program is left. Returns the line.
std::string check_refused(const Scene& scene, const transfer::Request& request, int status,
                          const std::string& part, const std::set<std::string>& entries = {});

} // namespace slipway::tests
