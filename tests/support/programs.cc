// Running real programs from tests.

#include "tests/support/programs.hh"

#include <array>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/bytes.hh"
#include "base/child_process.hh"
#include "base/error.hh"
#include "base/fd.hh"
#include "base/memfd.hh"

namespace slipway::tests {
namespace {

// What is left of a failed test may hold immutable files or mounts; say so instead of throwing.
void remove_tree(const std::filesystem::path& path) {
    std::error_code error;
    std::filesystem::remove_all(path, error);
}

Fd input_of(const std::string& text) {
    Fd fd = make_memfd();
    if (::write(fd.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
        ::lseek(fd.get(), 0, SEEK_SET) < 0) {
        throw errno_error("cannot prepare the input of a program");
    }
    return fd;
}

[[noreturn]] void become(const std::vector<std::string>& command, const RunOptions& options,
                         const std::array<int, 3>& standard) {
    for (int target = 0; target < 3; ++target) {
        ::dup2(standard.at(static_cast<std::size_t>(target)), target);
    }
    for (const std::string& entry : options.environment) {
        ::putenv(const_cast<char*>(entry.c_str()));
    }
    if (!options.directory.empty() && ::chdir(options.directory.c_str()) < 0) {
        ::_exit(127);
    }
    std::vector<char*> arguments;
    for (const std::string& argument : command) {
        arguments.push_back(const_cast<char*>(argument.c_str()));
    }
    arguments.push_back(nullptr);
    ::execvp(arguments[0], arguments.data());
    ::_exit(127);
}

// The rooms' own ends start the programs under test, too.
const bool kProgramsAreThere = [] {
    if (const char* root = std::getenv("SLIPWAY_PROGRAMS")) {
        find_programs_in(root);
    }
    return true;
}();

} // namespace

std::filesystem::path program(const std::string& name) {
    const char* root = std::getenv("SLIPWAY_PROGRAMS");
    if (root == nullptr) {
        throw std::runtime_error("SLIPWAY_PROGRAMS is not set; run the tests through meson");
    }
    return std::filesystem::path(root) / name;
}

TempDir::TempDir() {
    std::string name = (std::filesystem::temp_directory_path() / "slipway-test-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) {
        throw errno_error("cannot make a temporary directory");
    }
    path_ = name;
}

TempDir::~TempDir() {
    remove_tree(path_);
}

RunResult run(const std::vector<std::string>& command, const RunOptions& options) {
    const Fd input = input_of(options.input);
    const Fd out = make_memfd();
    const Fd err = make_memfd();
    const pid_t pid = ::fork();
    if (pid == 0) {
        become(command, options, {input.get(), out.get(), err.get()});
    }
    const Fd watch(static_cast<int>(::syscall(434 /* pidfd_open */, pid, 0)));
    pollfd one{watch.get(), POLLIN, 0};
    const auto patience =
        std::chrono::duration_cast<std::chrono::milliseconds>(options.patience).count();
    if (::poll(&one, 1, static_cast<int>(patience)) == 0) {
        ::kill(pid, SIGKILL);
    }
    int status = 0;
    ::waitpid(pid, &status, 0);
    return {WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status),
            read_all(out.get(), GiB), read_all(err.get(), GiB)};
}

std::string run_ok(const std::vector<std::string>& command, const RunOptions& options) {
    RunResult result = run(command, options);
    if (result.status != 0) {
        throw std::runtime_error(command.front() + " failed with status " +
                                 std::to_string(result.status) + ": " + result.err);
    }
    return std::move(result.out);
}

void write_file(const std::filesystem::path& path, const std::string& content) {
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file << content;
    if (!file.flush()) {
        throw std::runtime_error("cannot write " + path.string());
    }
}

std::string read_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    if (!file) {
        throw std::runtime_error("cannot read " + path.string());
    }
    return text.str();
}

} // namespace slipway::tests
