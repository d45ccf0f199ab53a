// The programs run from wherever they were installed to.

#include <filesystem>

#include "tests/catch.hh"
#include "tests/support/programs.hh"

using namespace slipway::tests;

namespace {

std::filesystem::path find_below(const std::filesystem::path& root, const std::string& name) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
        if (entry.path().filename() == name) {
            return entry.path();
        }
    }
    return {};
}

} // namespace

TEST_CASE("what is installed into an empty DESTDIR runs from there", "[cli][programs]") {
    const TempDir root;
    const std::string build = program("").string();
    run_ok({"meson", "install", "-C", build, "--no-rebuild", "--quiet", "--destdir",
            root.path().string()});

    const std::filesystem::path slipway = find_below(root.path(), "bin") / "slipway";
    const TempDir pool;
    const RunResult features =
        run({slipway.string(), "features", "--pool", pool.path().string(), "--json"});
    CHECK(features.status == 0);
    CHECK_THAT(features.out, !contains("problem"));
    std::filesystem::create_directory(pool / "tree");
    run_ok({"tar", "-C", (pool / "tree").string(), "-cf", (pool / "web.tar").string(), "."});
    run_ok({slipway.string(), "import-tar", "--pool", pool.path().string(),
            (pool / "web.tar").string()});
    for (const std::string name :
         {"slipway", "slipway-transfer", "slipway-fetch", "slipway-check", "slipway-unpack"}) {
        CHECK((name == "slipway" || features.out.find('"' + name + '"') != std::string::npos));
        CHECK_FALSE(find_below(root.path(), name).empty());
    }
    for (const std::string name : {"slipway.1", "slipway.fish", "_slipway"}) {
        CHECK_FALSE(find_below(root.path(), name).empty());
    }
    CHECK_FALSE(find_below(find_below(root.path(), "bash-completion"), "slipway").empty());
}
