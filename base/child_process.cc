// fork and exec with an exact set of descriptors. Between the two only async-signal-safe calls are
// made, since the parent may have threads.

#include "base/child_process.hh"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdlib>

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/memfd.hh"
#include "base/quoted.hh"
#include "base/wait.hh"

namespace slipway {
namespace {

// Everything the child needs, laid out before the fork.
struct Prepared {
    std::vector<char*> arguments;
    std::vector<char*> environment;
    std::vector<std::pair<int, int>> fds;
    std::vector<int> cgroups;
    const char* program;
    bool own_process_group;
    int error_pipe;
    int above; ///< the lowest number that no target of `fds` has
};

// What a child may say on a captured standard error; more is lost, not stored.
constexpr off_t kCapturedBytes = 1 << 20;

std::vector<char*> pointers(const std::vector<std::string>& texts) {
    std::vector<char*> list;
    list.reserve(texts.size() + 1);
    for (const std::string& text : texts) {
        list.push_back(const_cast<char*>(text.c_str()));
    }
    list.push_back(nullptr);
    return list;
}

// Signals that we ignore or block must not be ignored or blocked in the child. Handlers go first:
// one of ours, run here by a signal that was blocked until now, would tell the parent of it.
void reset_signals() noexcept {
    for (int signal = 1; signal < NSIG; ++signal) {
        ::signal(signal, SIG_DFL);
    }
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
}

// Puts the listed descriptors at their numbers; every other one closes at exec. The sources are
// moved out of the way first, since one's number may be another's target.
bool place_fds(std::vector<std::pair<int, int>>& fds, int above) noexcept {
    if (::syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC) < 0) {
        return false;
    }
    for (auto& [ours, theirs] : fds) {
        ours = ::fcntl(ours, F_DUPFD_CLOEXEC, above);
        if (ours < 0) {
            return false;
        }
    }
    return std::all_of(fds.begin(), fds.end(),
                       [](const auto& pair) { return ::dup2(pair.first, pair.second) >= 0; });
}

// "0" is whoever writes it, in both versions of control groups.
bool enter_cgroups(const std::vector<int>& cgroups) noexcept {
    return std::all_of(cgroups.begin(), cgroups.end(),
                       [](int procs) { return ::write(procs, "0", 1) == 1; });
}

[[noreturn]] void become(Prepared& prepared) noexcept {
    reset_signals();
    if (prepared.own_process_group) {
        ::setpgid(0, 0);
    }
    // The error pipe is in the way, too; without a number of its own nothing can be reported.
    const int error_pipe = ::fcntl(prepared.error_pipe, F_DUPFD_CLOEXEC, prepared.above);
    if (error_pipe >= 0 && enter_cgroups(prepared.cgroups) &&
        place_fds(prepared.fds, prepared.above)) {
        ::execve(prepared.program, prepared.arguments.data(), prepared.environment.data());
    }
    const int number = errno;
    static_cast<void>(
        !::write(error_pipe < 0 ? prepared.error_pipe : error_pipe, &number, sizeof number));
    ::_exit(127);
}

std::vector<std::string> current_environment() {
    std::vector<std::string> all;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        all.emplace_back(*entry);
    }
    return all;
}

// See find_programs_in(); empty in every program that is not a test.
std::filesystem::path& program_directory() {
    static std::filesystem::path directory;
    return directory;
}

bool lists(const ChildSpec& spec, int theirs) {
    return std::any_of(spec.fds.begin(), spec.fds.end(),
                       [theirs](const auto& pair) { return pair.second == theirs; });
}

// Sized and sealed before the child gets it: a program that was taken over could fill the memory.
Fd make_capture() {
    Fd file = make_memfd();
    if (::ftruncate(file.get(), kCapturedBytes) < 0 ||
        ::fcntl(file.get(), F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK) < 0) {
        throw errno_error("cannot prepare a child's standard error");
    }
    return file;
}

} // namespace

std::string ChildExit::description() const {
    if (signaled) {
        return fmt::format("was killed by signal {} ({})", code, ::sigdescr_np(code));
    }
    return fmt::format("exited with status {}", code);
}

ChildProcess::ChildProcess(const ChildSpec& spec) {
    std::vector<std::string> arguments = spec.arguments;
    arguments.insert(arguments.begin(), spec.program.filename().string());
    const std::vector<std::string> environment =
        spec.environment ? *spec.environment : current_environment();
    const std::string program = spec.program.string();

    std::array<int, 2> pipe_ends{};
    if (::pipe2(pipe_ends.data(), O_CLOEXEC) < 0) {
        throw errno_error("cannot make a pipe");
    }
    const Fd error_in(pipe_ends[0]);
    Fd error_out(pipe_ends[1]);
    const Fd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
    Prepared prepared{.arguments = pointers(arguments),
                      .environment = pointers(environment),
                      .fds = spec.fds,
                      .cgroups = spec.cgroups,
                      .program = program.c_str(),
                      .own_process_group = spec.own_process_group,
                      .error_pipe = error_out.get(),
                      .above = STDERR_FILENO + 1};
    for (const int standard : {STDIN_FILENO, STDOUT_FILENO}) {
        if (!lists(spec, standard)) {
            prepared.fds.emplace_back(null.get(), standard);
        }
    }
    if (spec.capture_stderr) {
        stderr_ = make_capture();
        prepared.fds.emplace_back(stderr_.get(), STDERR_FILENO);
    }
    for (const auto& [ours, theirs] : prepared.fds) {
        prepared.above = std::max(prepared.above, theirs + 1);
    }
    pid_ = ::fork();
    if (pid_ == 0) {
        become(prepared);
    }
    if (pid_ < 0) {
        throw errno_error("cannot start {}", quoted(program));
    }
    error_out.reset();
    int number = 0;
    ssize_t got = 0;
    do {
        got = ::read(error_in.get(), &number, sizeof number);
    } while (got < 0 && errno == EINTR);
    if (got == sizeof number) {
        ::waitpid(pid_, nullptr, 0);
        pid_ = -1;
        errno = number;
        throw errno_error("cannot start {}", quoted(program));
    }
    pidfd_.reset(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
    if (!pidfd_) {
        const int failed = errno;
        kill(SIGKILL);
        wait();
        errno = failed;
        throw errno_error("cannot watch {}", quoted(program));
    }
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), pidfd_(std::move(other.pidfd_)),
      stderr_(std::move(other.stderr_)), exit_(std::exchange(other.exit_, std::nullopt)) {}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
    std::swap(pid_, other.pid_);
    std::swap(pidfd_, other.pidfd_);
    std::swap(stderr_, other.stderr_);
    std::swap(exit_, other.exit_);
    return *this;
}

ChildProcess::~ChildProcess() {
    if (pid_ > 0 && !exit_) {
        ::kill(pid_, SIGKILL);
        while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
        }
    }
}

void ChildProcess::kill(int signal) noexcept {
    if (pid_ > 0 && !exit_) {
        ::kill(pid_, signal);
    }
}

ChildExit ChildProcess::wait() {
    if (exit_) {
        return *exit_;
    }
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0) {
        if (errno != EINTR) {
            throw errno_error("cannot wait for process {}", pid_);
        }
    }
    exit_ = WIFSIGNALED(status) ? ChildExit{true, WTERMSIG(status)}
                                : ChildExit{false, WEXITSTATUS(status)};
    return *exit_;
}

std::optional<ChildExit> ChildProcess::wait_for(std::chrono::milliseconds patience) {
    if (!exit_ &&
        !slipway::wait_for(pidfd_.get(), POLLIN, {}, std::chrono::steady_clock::now() + patience)) {
        return std::nullopt;
    }
    return wait();
}

std::string ChildProcess::stderr_tail(std::size_t limit_bytes) const {
    const off_t size = stderr_ ? ::lseek(stderr_.get(), 0, SEEK_CUR) : 0; // what it has written
    const off_t start = std::max<off_t>(0, size - static_cast<off_t>(limit_bytes));
    std::string text(static_cast<std::size_t>(std::max<off_t>(0, size - start)), '\0');
    const ssize_t got = text.empty() ? 0 : ::pread(stderr_.get(), text.data(), text.size(), start);
    text.resize(static_cast<std::size_t>(std::max<ssize_t>(0, got)));
    return text;
}

void find_programs_in(std::filesystem::path directory) {
    program_directory() = std::move(directory);
}

std::filesystem::path find_program(const std::string& name) {
    if (!program_directory().empty()) {
        return program_directory() / name;
    }
    const std::filesystem::path own = std::filesystem::read_symlink("/proc/self/exe");
    const std::filesystem::path beside = own.parent_path() / name;
    // Installed below another root (DESTDIR): the way from here to there stays the same.
    const std::filesystem::path relative = own.parent_path() / SLIPWAY_LIBEXEC_FROM_BIN / name;
    const std::filesystem::path installed = std::filesystem::path(SLIPWAY_LIBEXECDIR) / name;
    for (const auto& candidate : {beside, relative, installed}) {
        if (::access(candidate.c_str(), X_OK) == 0) {
            return candidate.lexically_normal();
        }
    }
    throw Error(Kind::NotFound, "the program {} is missing; looked in {} and {}. Install it again",
                quoted(name), quoted(own.parent_path().string()), quoted(SLIPWAY_LIBEXECDIR));
}

} // namespace slipway
