// The program itself, where no job is needed: lists, help, and command lines that are wrong.

#include <filesystem>
#include <sstream>

#include "tests/catch.hh"
#include "tests/support/programs.hh"

using namespace slipway::tests;

namespace {

RunResult run_slipway(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), program("slipway").string());
    return run(arguments);
}

} // namespace

TEST_CASE("a wrong command line is one line on standard error and status 2", "[cli][usage]") {
    for (const std::vector<std::string>& arguments :
         std::vector<std::vector<std::string>>{{},
                                               {"pul-tar", "u"},
                                               {"pull-tar"},
                                               {"pull-tar", "u", "--forse"},
                                               {"pull-tar", "u", "--verify=maybe"},
                                               {"list-images", "--force"},
                                               {"import-tar", "-"}}) {
        const RunResult result = run_slipway(arguments);
        CHECK(result.status == 2);
        CHECK(result.out.empty());
        CHECK_THAT(result.err, Catch::Matchers::StartsWith("slipway: "));
        CHECK(result.err.find('\n') == result.err.size() - 1);
    }
    CHECK(run_slipway({"pul-tar", "u"}).err ==
          "slipway: unknown verb 'pul-tar'; did you mean 'pull-tar'?\n");
}

TEST_CASE("help and version go to standard output", "[cli][usage]") {
    CHECK_THAT(run_slipway({"--version"}).out, Catch::Matchers::StartsWith("slipway "));
    CHECK(run_slipway({"help"}).out == run_slipway({"--help"}).out);
    CHECK(run_slipway({"help", "remove"}).out == run_slipway({"remove", "--help"}).out);
    CHECK_THAT(run_slipway({"remove", "-h"}).out,
               Catch::Matchers::StartsWith("slipway [OPTIONS...] remove NAME...\n"));
    CHECK(run_slipway({"--help"}).status == 0);
}

TEST_CASE("images of a pool are listed, hidden ones on request", "[cli][usage]") {
    const TempDir pool;
    for (const std::string name : {"zeta", "alpha", ".hidden", ".#slipway-0123456789abcdef"}) {
        std::filesystem::create_directory(pool / name);
    }
    write_file(pool / "disk.raw", "");
    const std::string option = "--pool=" + pool.path().string();
    const RunResult list = run_slipway({"list-images", option, "--no-legend"});
    CHECK(list.status == 0);
    CHECK(list.err.empty());
    const auto names = [](const std::string& out) {
        std::vector<std::string> all;
        std::istringstream lines(out);
        for (std::string line; std::getline(lines, line);) {
            all.push_back(line.substr(0, line.find(' ')));
        }
        return all;
    };
    CHECK(names(list.out) == std::vector<std::string>{"alpha", "disk", "zeta"});
    CHECK(names(run_slipway({"list-images", option, "--no-legend", "-a"}).out) ==
          std::vector<std::string>{".hidden", "alpha", "disk", "zeta"});
    CHECK_THAT(run_slipway({"list-images", option}).out,
               Catch::Matchers::EndsWith("\n\n3 images listed.\n"));
}

TEST_CASE("where there is no pool there are no images", "[cli][usage]") {
    const TempDir directory;
    const std::string option = "--pool=" + (directory / "missing").string();
    CHECK(run_slipway({"list-images", option}).out == "No images.\n");
    CHECK(run_slipway({"list-images", option, "--json"}).out == "[]\n");
    CHECK_FALSE(std::filesystem::exists(directory / "missing"));
}

TEST_CASE("K4: a list that cannot be written is an error, a reader that left is none",
          "[cli][usage]") {
    const std::string list = program("slipway").string() + " list-images --pool=/nonexistent ";
    const RunResult full = run({"/bin/sh", "-c", list + ">/dev/full"});
    CHECK(full.status == 7);
    CHECK(full.err == "slipway: cannot write to standard output: No space left on device\n");
    CHECK(run({"/bin/bash", "-c", "set -o pipefail; " + list + "| head -n 0"}).status == 0);
}
