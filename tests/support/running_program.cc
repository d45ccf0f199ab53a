// Both outputs are pipes; whoever waits for one leaves the other where it is.

#include "tests/support/running_program.hh"

#include <algorithm>
#include <array>
#include <chrono>
#include <stdexcept>

#include <fcntl.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/wait.hh"

namespace slipway::tests {
namespace {

constexpr std::chrono::seconds kPatience{20};

std::array<Fd, 2> make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) < 0) {
        throw errno_error("cannot make a pipe");
    }
    return {Fd(ends[0]), Fd(ends[1])};
}

int status_of(const ChildExit& exit) {
    return exit.signaled ? 128 + exit.code : exit.code;
}

} // namespace

Running::Running(const std::vector<std::string>& command, int input) {
    auto [out_read, out_write] = make_pipe();
    auto [err_read, err_write] = make_pipe();
    ChildSpec spec;
    spec.program = command.front();
    spec.arguments.assign(command.begin() + 1, command.end());
    spec.fds = {{out_write.get(), STDOUT_FILENO}, {err_write.get(), STDERR_FILENO}};
    if (input >= 0) {
        spec.fds.emplace_back(input, STDIN_FILENO);
    }
    child_.emplace(spec);
    out_ = std::move(out_read);
    err_ = std::move(err_read);
}

bool Running::read_more(const Fd& fd, std::string& into) {
    if (!wait_for(fd.get(), POLLIN, {}, std::chrono::steady_clock::now() + kPatience)) {
        throw std::runtime_error("the program said nothing for too long");
    }
    std::array<char, 4096> buffer{};
    const ssize_t got = ::read(fd.get(), buffer.data(), buffer.size());
    into.append(buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(0, got)));
    return got > 0;
}

void Running::wait_for_text(const Fd& fd, std::string& in, const std::string& text) {
    while (in.find(text) == std::string::npos) {
        if (!read_more(fd, in)) {
            throw std::runtime_error("the program ended without saying '" + text +
                                     "'; it said: " + in);
        }
    }
}

void Running::wait_for_error(const std::string& text) {
    wait_for_text(err_, err_text_, text);
}

void Running::wait_for_output(const std::string& text) {
    wait_for_text(out_, out_text_, text);
}

int Running::wait() {
    while (read_more(out_, out_text_)) {
    }
    return wait_without_reading_output();
}

int Running::wait_without_reading_output() {
    while (read_more(err_, err_text_)) {
    }
    return status_of(child_->wait());
}

} // namespace slipway::tests
