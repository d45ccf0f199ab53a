// slipway shell [USER@]NAME [CMD...]

#include <array>
#include <cstdlib>
#include <optional>
#include <utility>

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/wait.hh"
#include "cli/commands.hh"
#include "cli/guest_ssh.hh"
#include "cli/machines.hh"
#include "cli/signals.hh"
#include "cli/terminal_relay.hh"
#include "toolbox/guest_process.hh"
#include "toolbox/guest_terminal.hh"

namespace slipway::cli {
namespace {

// For a failure of ours: any other status is the command's.
constexpr int kOurs = 125;

struct Target {
    std::string user; ///< empty: root, or whom a virtual machine was told of
    std::string machine;
};

Target parse_target(const std::string& text) {
    const std::size_t at = text.find('@');
    if (at == text.npos) {
        return {.user = "", .machine = text};
    }
    return {.user = text.substr(0, at), .machine = text.substr(at + 1)};
}

class Session {
public:
    Session(toolbox::GuestProcess& process, TerminalRelay* relay)
        : process_(process), relay_(relay) {}

    int run() {
        for (;;) {
            if (const std::optional<int> status = process_.process()) {
                if (relay_ != nullptr) {
                    relay_->drain();
                }
                return *status;
            }
            wait();
        }
    }

private:
    void wait() {
        const toolbox::GuestProcess::Awaited awaited = process_.awaited();
        std::array<pollfd, 4> fds{pollfd{awaited.fd, awaited.events, 0},
                                  pollfd{signals_.fd(), POLLIN, 0},
                                  pollfd{hears_input_ ? STDIN_FILENO : -1, POLLIN, 0},
                                  pollfd{hears_output_ ? relay_->master() : -1, POLLIN, 0}};
        poll_fds(fds, {}, awaited.deadline);
        while (const std::optional<int> signal = signals_.next()) {
            take_signal(*signal);
        }
        if (fds[2].revents != 0) {
            hears_input_ = relay_->take_input();
        }
        if (fds[3].revents != 0) {
            hears_output_ = relay_->take_output();
        }
    }

    void take_signal(int signal) {
        if (signal != SIGWINCH) {
            process_.signal(signal);
        } else if (relay_ != nullptr) {
            relay_->resize();
        }
    }

    toolbox::GuestProcess& process_;
    TerminalRelay* relay_;
    SignalWatch signals_;
    bool hears_input_ = relay_ != nullptr;
    bool hears_output_ = relay_ != nullptr;
};

int run_session(const spawn::Guest& guest, const Invocation& asked, const Target& target,
                Console& console) {
    toolbox::GuestCommand command;
    command.user = spawn::find_user(guest, target.user.empty() ? "root" : target.user);
    command.command.assign(asked.operands.begin() + 1, asked.operands.end());
    if (command.command.empty()) {
        command.command = {command.user.shell, "-l"};
    }
    std::optional<toolbox::GuestTerminal> terminal;
    if (::isatty(STDIN_FILENO) == 1 && ::isatty(STDOUT_FILENO) == 1) {
        terminal = toolbox::open_guest_terminal(guest);
        command.terminal = terminal->name;
        const char* type = ::getenv("TERM");
        command.environment.push_back(std::string("TERM=") + (type == nullptr ? "dumb" : type));
    }
    const toolbox::StartedInGuest started = toolbox::start_in_guest(guest, command);
    if (!started.note.empty() && !asked.options.quiet) {
        print_error(console, started.note);
        console.err.drain();
    }
    std::optional<TerminalRelay> relay;
    if (terminal) {
        relay.emplace(std::move(terminal->master));
    }
    return Session(*started.process, relay ? &*relay : nullptr).run();
}

} // namespace

int cmd_shell(const Invocation& asked, Console& console) {
    const Target target = parse_target(asked.operands.front());
    try {
        const spawn::MachineRecord machine = find_machine(open_machines(console), target.machine);
        if (machine.engine == machine::EngineKind::Qemu) {
            return run_over_ssh(machine, target.user,
                                {asked.operands.begin() + 1, asked.operands.end()});
        }
        return run_session(spawn::Guest(machine), asked, target, console);
    } catch (const Error& error) {
        print_error(console, error.what());
        return kOurs;
    }
}

} // namespace slipway::cli
