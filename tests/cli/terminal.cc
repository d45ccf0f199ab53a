// forkpty(3): the program leads a session of its own, so C-c and hang-ups reach it as they would.

#include "tests/cli/terminal.hh"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <stdexcept>

#include <fcntl.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/wait.hh"

namespace slipway::tests {
namespace {

constexpr std::chrono::seconds kPatience{20};

[[noreturn]] void become(const std::vector<std::string>& command, const std::string& term) {
    ::setenv("TERM", term.c_str(), 1);
    std::vector<char*> arguments;
    for (const std::string& argument : command) {
        arguments.push_back(const_cast<char*>(argument.c_str()));
    }
    arguments.push_back(nullptr);
    ::signal(SIGPIPE, SIG_DFL);
    ::execv(arguments[0], arguments.data());
    ::_exit(127);
}

} // namespace

Terminal::Terminal(const std::vector<std::string>& command, unsigned short columns,
                   const std::string& term) {
    const winsize size{24, columns, 0, 0};
    int master = -1;
    pid_ = ::forkpty(&master, nullptr, nullptr, &size);
    if (pid_ == 0) {
        ::signal(SIGHUP, SIG_DFL); // nohup(1) would have us ignore it
        become(command, term);
    }
    if (pid_ < 0) {
        throw errno_error("cannot make a terminal");
    }
    master_.reset(master);
    ::fcntl(master_.get(), F_SETFD, FD_CLOEXEC);
}

Terminal::~Terminal() {
    if (pid_ > 0) {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
}

bool Terminal::read_more() {
    if (!slipway::wait_for(master_.get(), POLLIN, {},
                           std::chrono::steady_clock::now() + kPatience)) {
        throw std::runtime_error("nothing came for too long after: " + printed_);
    }
    std::array<char, 4096> buffer{};
    const ssize_t got = ::read(master_.get(), buffer.data(), buffer.size());
    printed_.append(buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(0, got)));
    return got > 0; // EIO when the last program has left the terminal
}

void Terminal::wait_until_printed(std::string_view text) {
    seen_ = 0;
    wait_for(text);
}

std::string Terminal::wait_for(std::string_view text) {
    while (printed_.find(text, seen_) == std::string::npos) {
        if (!read_more()) {
            throw std::runtime_error("the program ended after printing: " + printed_);
        }
    }
    std::string fresh = printed_.substr(seen_);
    seen_ = printed_.size();
    return fresh;
}

void Terminal::type(std::string_view keys) {
    if (::write(master_.get(), keys.data(), keys.size()) != static_cast<ssize_t>(keys.size())) {
        throw errno_error("cannot type");
    }
}

void Terminal::resize(unsigned short columns) {
    const winsize size{24, columns, 0, 0};
    if (::ioctl(master_.get(), TIOCSWINSZ, &size) < 0) {
        throw errno_error("cannot resize the terminal");
    }
}

void Terminal::close() {
    master_.reset();
}

int Terminal::wait() {
    while (master_ && read_more()) {
    }
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

} // namespace slipway::tests
