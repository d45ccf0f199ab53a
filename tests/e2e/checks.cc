// Checks that several suites make.

#include "tests/e2e/checks.hh"

namespace slipway::tests {

Lines differences(const std::filesystem::path& tree, const std::filesystem::path& image) {
    Tree found = read_tree(image);
    found["."].attributes.erase("user.slipway.origin");
    return tree_differences(read_tree(tree), found);
}

std::string check_refused(const Scene& scene, const transfer::Request& request, int status,
                          const std::string& part, const std::set<std::string>& entries) {
    const FinishedJob job = run_job(request);
    INFO(job.err);
    CHECK(job.status == status);
    REQUIRE(job.ended.has_value());
    CHECK(job.ended->status == status);
    CHECK_THAT(job.text(), contains(part));
    CHECK(job.err == "slipway: " + job.text() + "\n");
    CHECK(job.text().find('\n') == std::string::npos);
    CHECK(scene.leftovers(entries) == Lines{});
    return job.text();
}

} // namespace slipway::tests
