// What holds for every file of the tree: form, headers that stand alone, nothing left for later.

#include <optional>
#include <thread>

#include "tests/catch.hh"
#include "tests/house/tree.hh"
#include "tests/support/programs.hh"

using namespace slipway::tests;

namespace {

std::string first_include(const std::string& text) {
    const std::size_t start = text.find("\n#include ");
    return start == text.npos ? "" : text.substr(start + 1, text.find('\n', start + 1) - start - 1);
}

// Empty when `program` is there and says `words` about its version.
std::optional<std::string> no_program(const std::string& program, const std::string& words) {
    const RunResult result = run({program, "--version"});
    if (result.status != 0 || result.out.find(words) == std::string::npos) {
        return program + " (" + words + ") is not installed";
    }
    return std::nullopt;
}

// Runs `command` with `names` as further arguments, on all processors.
RunResult run_over(const std::vector<std::string>& command, const std::vector<std::string>& names,
                   const std::filesystem::path& directory) {
    std::vector<std::string> all{"xargs", "--delimiter=\\n", "--max-args=8", "--max-procs",
                                 std::to_string(std::thread::hardware_concurrency())};
    all.insert(all.end(), command.begin(), command.end());
    RunOptions options;
    options.directory = directory;
    options.patience = std::chrono::seconds(240);
    for (const std::string& name : names) {
        options.input += name + "\n";
    }
    return run(all, options);
}

} // namespace

TEST_CASE("every source file opens by saying what it is for", "[house]") {
    for (const SourceFile& file : cxx_files()) {
        INFO(file.path);
        CHECK(file.text.starts_with("// "));
    }
}

TEST_CASE("a source file includes its own header first", "[house]") {
    for (const SourceFile& file : cxx_files()) {
        const std::string header = file.path.substr(0, file.path.size() - 3) + ".hh";
        if (file.path.ends_with(".cc") && exists(source_root() / header)) {
            INFO(file.path);
            CHECK(first_include(file.text) == "#include \"" + header + "\"");
        }
    }
}

// The other headers are proven by their own source file, which includes them first.
TEST_CASE("every header without a source file of its own compiles alone", "[house]") {
    const TempDir top;
    std::vector<std::string> probes;
    for (const SourceFile& file : cxx_files()) {
        const std::string source = file.path.substr(0, file.path.size() - 3) + ".cc";
        if (file.path.ends_with(".hh") && !exists(source_root() / source)) {
            probes.push_back((top / std::to_string(probes.size())).string() + ".cc");
            write_file(probes.back(), "#include \"" + file.path + "\"\n");
        }
    }
    REQUIRE(probes.size() > 5);
    const RunResult result = run_over(
        {"c++", "-std=c++20", "-D_GNU_SOURCE", "-fsyntax-only", "-I" + source_root().string()},
        probes, source_root());
    INFO(result.err);
    CHECK(result.status == 0);
}

TEST_CASE("every source file is formatted", "[house]") {
    if (auto why = no_program("clang-format", "version 14.")) {
        SKIP(*why);
    }
    std::vector<std::string> names;
    for (const SourceFile& file : cxx_files()) {
        names.push_back(file.path);
    }
    const RunResult result =
        run_over({"clang-format", "--dry-run", "-Werror"}, names, source_root());
    INFO(result.err);
    CHECK(result.status == 0);
}

TEST_CASE("the scripts of dev/ and .ci/ have no fault that shellcheck knows", "[house]") {
    if (auto why = no_program("shellcheck", "version:")) {
        SKIP(*why);
    }
    std::vector<std::string> names;
    for (const SourceFile& file : all_files()) {
        const bool tool = file.path.starts_with("dev/") || file.path.starts_with(".ci/");
        if (tool && file.text.starts_with("#!/usr/bin/env bash\n")) {
            names.push_back(file.path);
        }
    }
    REQUIRE(names.size() >= 3);
    const RunResult result = run_over({"shellcheck"}, names, source_root());
    INFO(result.out);
    CHECK(result.status == 0);
}

TEST_CASE("no file keeps work for later", "[house]") {
    // Cut in two, so that this file is not found itself.
    const std::vector<std::string> marks{"TO"
                                         "DO",
                                         "FIX"
                                         "ME",
                                         "XX"
                                         "X:",
                                         "HA"
                                         "CK:",
                                         "not "
                                         "implemented",
                                         "for "
                                         "now,"};
    for (const SourceFile& file : all_files()) {
        for (const std::string& mark : marks) {
            INFO(file.path << " says " << mark);
            CHECK(file.text.find(mark) == std::string::npos);
        }
    }
}
