// ssh is in our process group: what a terminal sends reaches it without us.

#include "cli/guest_ssh.hh"

#include <array>
#include <fstream>
#include <iterator>
#include <thread>

#include <fmt/format.h>
#include <unistd.h>

#include "base/child_process.hh"
#include "base/error.hh"
#include "base/find_tool.hh"
#include "base/quoted.hh"
#include "base/wait.hh"
#include "cli/signals.hh"
#include "toolbox/ssh_copy.hh"
#include "toolbox/ssh_guest.hh"

namespace slipway::cli {
namespace {

namespace fs = std::filesystem;

toolbox::SshGuest guest_of(const spawn::MachineRecord& machine) {
    if (machine.ssh_port == 0) {
        throw Error(Kind::Unsupported,
                    "machine {} is a virtual machine that was given no key, or no network of the "
                    "host's own: nothing leads into it but 'slipway console {}'",
                    quoted(machine.name), machine.name);
    }
    return {.address = "127.0.0.1",
            .port = machine.ssh_port,
            .user = machine.ssh_user,
            .key = machine.kept / "ssh_key",
            .known_hosts = machine.kept / "known_hosts",
            .host_key_alias = machine.name};
}

// What ssh has to say of this one run.
class Log {
public:
    explicit Log(const fs::path& kept) : path_(kept / fmt::format("ssh.{}.log", ::getpid())) {}
    ~Log() {
        std::error_code ignored;
        fs::remove(path_, ignored);
    }
    Log(const Log&) = delete;
    Log& operator=(const Log&) = delete;

    const fs::path& path() const noexcept { return path_; }
    std::string text() const {
        std::ifstream file(path_, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }

private:
    fs::path path_;
};

} // namespace

int run_over_ssh(const spawn::MachineRecord& machine, const std::string& user,
                 const std::vector<std::string>& command) {
    toolbox::SshGuest guest = guest_of(machine);
    if (!user.empty()) {
        guest.user = user;
    }
    const bool at_terminal = ::isatty(STDIN_FILENO) == 1 && ::isatty(STDOUT_FILENO) == 1;
    const Log log(machine.kept);
    std::vector<std::string> words = toolbox::ssh_command(
        guest, command, at_terminal ? toolbox::Terminal::Yes : toolbox::Terminal::No, log.path());
    SignalWatch signals;
    ChildProcess ssh(ChildSpec{.program = expect_tool(words.front(), "openssh-client"),
                               .arguments = {words.begin() + 1, words.end()},
                               .fds = {{STDIN_FILENO, STDIN_FILENO},
                                       {STDOUT_FILENO, STDOUT_FILENO},
                                       {STDERR_FILENO, STDERR_FILENO}},
                               .environment = {}});
    for (;;) {
        std::array<pollfd, 2> fds{pollfd{ssh.pidfd(), POLLIN, 0}, pollfd{signals.fd(), POLLIN, 0}};
        poll_fds(fds, {});
        if (fds[0].revents != 0) {
            break;
        }
        if (const std::optional<int> signal = signals.next(); signal && *signal != SIGWINCH) {
            ssh.kill(*signal);
        }
    }
    const ChildExit exit = ssh.wait();
    return exit.signaled ? 128 + exit.code : toolbox::ssh_command_status(exit.code, log.text());
}

void copy_over_ssh(const spawn::MachineRecord& machine, const toolbox::CopyOrder& order) {
    const toolbox::SshGuest guest = guest_of(machine);
    SignalWatch signals;
    std::stop_source stop;
    const std::jthread watcher([&](const std::stop_token& over) {
        try {
            while (wait_for(signals.fd(), POLLIN, over)) {
                const std::optional<int> signal = signals.next();
                if (signal && *signal != SIGWINCH) {
                    stop.request_stop();
                }
            }
        } catch (const Canceled&) {
            // The copy is over.
        }
    });
    toolbox::ssh_copy(guest, order, stop.get_token());
}

} // namespace slipway::cli
