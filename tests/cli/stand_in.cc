// The script is a file beside a hard link of slipway, which looks there for its keeper first.

#include "tests/cli/stand_in.hh"

#include <algorithm>
#include <array>
#include <stdexcept>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
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

void link_or_copy(const std::filesystem::path& from, const std::filesystem::path& to) {
    std::error_code error;
    std::filesystem::create_hard_link(from, to, error);
    if (error) {
        std::filesystem::copy_file(from, to);
    }
}

int status_of(const ChildExit& exit) {
    return exit.signaled ? 128 + exit.code : exit.code;
}

} // namespace

StandIn::StandIn(const std::string& script) {
    link_or_copy(program("slipway"), directory_ / "slipway");
    const std::filesystem::path keeper = directory_ / "slipway-transfer";
    write_file(keeper, "#!/bin/sh\ncd \"${0%/*}\" || exit 99\nread -r request\n"
                       "printf '%s\\n' \"$request\" >request\n" +
                           script);
    for (const std::string name : {"go", "told"}) {
        if (::mkfifo((directory_ / name).c_str(), 0600) < 0) {
            throw errno_error("cannot make a fifo");
        }
    }
    std::filesystem::permissions(keeper, std::filesystem::perms::owner_all);
}

std::vector<std::string> StandIn::pull(const std::vector<std::string>& options) const {
    std::vector<std::string> command{slipway(), "pull-tar", "http://h/web.tar.xz"};
    command.insert(command.end(), options.begin(), options.end());
    return command;
}

std::string says(const transfer::Event& event) {
    std::string json = transfer::to_json(event);
    for (std::size_t at = 0; (at = json.find('\'', at)) != std::string::npos; at += 4) {
        json.replace(at, 1, "'\\''");
    }
    return fmt::format("printf '%s\\n' '{}'\n", json); // built into sh: fast
}

transfer::Started started_pull(const std::string& name) {
    return {"0123456789abcdef", "pull-tar", name, "http://h/web.tar.xz"};
}

transfer::Ended done_pull(const std::string& name) {
    transfer::Ended end;
    end.outcome = transfer::Outcome::Done;
    end.status = 0;
    end.name = name;
    end.path = "/pool/" + name;
    end.type = "directory";
    return end;
}

transfer::Ended failed(int status, const std::string& text) {
    transfer::Ended end;
    end.status = status;
    end.text = text;
    return end;
}

transfer::Ended canceled() {
    transfer::Ended end;
    end.outcome = transfer::Outcome::Canceled;
    end.status = 9;
    end.text = "pulling 'web': canceled; nothing was stored";
    return end;
}

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
