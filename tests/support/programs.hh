// Where the tests find the programs they drive, and how they run them.

#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace slipway::tests {

/// A program of the build under test; the build root comes in the variable SLIPWAY_PROGRAMS, where
/// slipway::find_program() looks as well in every test that links this.
std::filesystem::path program(const std::string& name);

/// A directory of its own below the system's temporary one; removed with everything in it.
class TempDir {
public:
    TempDir();
    ~TempDir();
    TempDir(const TempDir&) = delete;
    TempDir& operator=(const TempDir&) = delete;
    const std::filesystem::path& path() const noexcept { return path_; }
    std::filesystem::path operator/(const std::filesystem::path& name) const {
        return path_ / name;
    }

private:
    std::filesystem::path path_;
};

struct RunResult {
    int status = 0; ///< exit status; 128 + the signal's number when it was killed
    std::string out;
    std::string err;
};

struct RunOptions {
    std::string input{};                    ///< given on standard input
    std::vector<std::string> environment{}; ///< "NAME=value", added to ours
    std::filesystem::path directory{};      ///< to run in; ours when empty
    std::chrono::seconds patience{60};      ///< killed after it, with status 137
};

/// Runs a program (looked up in PATH when it holds no '/') to its end.
RunResult run(const std::vector<std::string>& command, const RunOptions& options = {});

/// The same, with the requirement that it succeeds.
std::string run_ok(const std::vector<std::string>& command, const RunOptions& options = {});

void write_file(const std::filesystem::path& path, const std::string& content);
std::string read_file(const std::filesystem::path& path);

} // namespace slipway::tests
