// Our archives, read by the tools that others have: GNU tar, bsdtar, Go's archive/tar.

#include <algorithm>
#include <chrono>
#include <sstream>

#include "tests/catch.hh"
#include "tests/export/tree_here.hh"
#include "tests/support/programs.hh"
#include "tests/support/rich_tree.hh"
#include "tests/support/tree.hh"

using namespace slipway;
using namespace slipway::tests;

namespace {

Tree extracted(const std::vector<std::string>& command, const std::string& archive,
               const std::filesystem::path& into) {
    std::filesystem::create_directory(into);
    RunOptions options;
    options.input = archive;
    options.directory = into;
    options.environment = {"LC_ALL=C.UTF-8"};
    const RunResult result = run(command, options);
    INFO(result.err);
    REQUIRE(result.status == 0);
    return read_tree(into);
}

using Differences = std::vector<std::string>;

} // namespace

TEST_CASE("GNU tar makes the same tree of it", "[export][readers]") {
    const TempDir directory;
    std::filesystem::create_directory(directory / "tree");
    make_rich_tree(directory / "tree");
    const Tree expected = read_tree(directory / "tree");
    const TarHere tar = tar_of(directory / "tree");
    CHECK(tar_of(directory / "tree").bytes == tar.bytes);
    CHECK(tree_differences(expected, extracted({"tar", "-x", "-p", "--numeric-owner", "--acls",
                                                "--xattrs", "--xattrs-include=*"},
                                               tar.bytes, directory / "found")) == Differences{});
}

TEST_CASE("bsdtar makes the same tree of it", "[export][readers]") {
    const TempDir directory;
    std::filesystem::create_directory(directory / "tree");
    // It composes what is decomposed in names, makes one character of two surrogates, takes
    // -86400.75 seconds for -86401.25, drops the access list of a directory with a default one, and
    // leaves the directory that it unpacks into the time of that.
    make_rich_tree(
        directory / "tree",
        {.odd_names = false, .surrogates = false, .acls = false, .old_nanoseconds = false});
    const Tree expected = read_tree(directory / "tree");
    CHECK(tree_differences(expected,
                           extracted({"bsdtar", "-x", "-p", "--numeric-owner", "-f", "-"},
                                     tar_of(directory / "tree").bytes, directory / "found"),
                           {.root = true}) == Differences{});
}

TEST_CASE("Go's archive/tar finds in it what the tree has", "[export][readers]") {
    const TempDir directory;
    std::filesystem::create_directory(directory / "tree");
    make_rich_tree(directory / "tree");
    const Tree tree = read_tree(directory / "tree");
    const std::string reader = (directory / "read_back").string();
    RunOptions build;
    build.patience = std::chrono::seconds(300);
    build.environment = {"GOCACHE=" + (directory / "cache").string(), "GO111MODULE=off",
                         "CGO_ENABLED=0", "HOME=" + directory.path().string()};
    const RunResult built = run({"go", "build", "-o", reader, SLIPWAY_READ_BACK}, build);
    INFO(built.err);
    REQUIRE(built.status == 0);
    RunOptions options;
    options.patience = std::chrono::seconds(300);
    options.input = tar_of(directory / "tree").bytes;
    const std::string found = run_ok({reader}, options);
    // Every entry is there once, and what is told of a file is so.
    CHECK(static_cast<std::size_t>(std::count(found.begin(), found.end(), '\n')) == tree.size());
    std::istringstream lines(found);
    std::size_t files = 0;
    for (std::string line; std::getline(lines, line);) {
        INFO(line);
        if (line.find('\\') != line.npos) { // %q has quoted a byte of the name: counted, not read
            continue;
        }
        const std::size_t start = line.find("\"./") + 3;
        std::string name = line.substr(start, line.find('"', start) - start);
        if (name.ends_with('/')) {
            name.pop_back();
        }
        const TreeNode& node = tree.at(name.empty() ? "." : name);
        if (line[0] == '0') {
            ++files;
            CHECK(line.starts_with(fmt::format("0 {:o} {}:{} {}.{:09} {} ", node.mode & 07777,
                                               node.uid, node.gid, node.mtime_seconds,
                                               node.mtime_nanoseconds, node.size_bytes)));
            if (node.size_bytes < 100 * MiB) {
                const std::string sum =
                    run_ok({"sha256sum", "--", (directory / "tree" / name).string()});
                CHECK(line.substr(line.rfind(' ') + 1) ==
                      sum.substr(sum.find_first_not_of('\\'), 64));
            }
        }
    }
    CHECK(files > 5);
}
