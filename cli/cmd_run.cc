// slipway run IMAGE [CMD...]

#include <cerrno>
#include <optional>
#include <string>

#include <fcntl.h>
#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/fd.hh"
#include "base/quoted.hh"
#include "cli/commands.hh"
#include "cli/machine_plan.hh"
#include "cli/machines.hh"
#include "machine/root_tree.hh"
#include "spawn/launch.hh"

namespace slipway::cli {
namespace {

// For a failure of ours: any other status is the command's.
constexpr int kOurs = 125;
// As shells have them.
constexpr int kNoProgram = 126;
constexpr int kNoCommand = 127;

bool has_terminal() {
    return ::isatty(STDIN_FILENO) == 1 && ::isatty(STDOUT_FILENO) == 1;
}

// The engine changes the terminal, and puts it back unless it is killed.
class TerminalGuard {
public:
    TerminalGuard() { ::tcgetattr(STDIN_FILENO, &saved_); }
    ~TerminalGuard() { ::tcsetattr(STDIN_FILENO, TCSADRAIN, &saved_); }
    TerminalGuard(const TerminalGuard&) = delete;
    TerminalGuard& operator=(const TerminalGuard&) = delete;

private:
    termios saved_{};
};

machine::Settings settings_of_command(const Invocation& asked) {
    machine::Settings said = machine::settings_of(asked.options.machine.said);
    said.mode = machine::Mode::Command;
    said.command.assign(asked.operands.begin() + 1, asked.operands.end());
    said.console = has_terminal() ? machine::Console::Terminal : machine::Console::Pipe;
    return said;
}

// What the engine says of a command that is not there is not to be told from the command's own
// words and status. Nothing is known of a disk.
std::optional<int> refuse_command(const machine::MachineSpec& spec, Console& console) {
    const Fd tree(::open(spec.root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    const int why = tree && spec.pivot_root.empty()
                        ? machine::why_not_run(tree.get(), spec.command.front())
                        : 0;
    if (why == 0) {
        return std::nullopt;
    }
    const std::string place =
        fmt::format("{} in the image {}", quoted(spec.command.front()), quoted(spec.image));
    print_error(console, (why == ENOENT ? "there is no command " : "this is no program: ") + place);
    return why == ENOENT ? kNoCommand : kNoProgram;
}

int run(const Invocation& asked, Console& console) {
    const Options& options = asked.options;
    open_machines(console);
    const machine::Settings said = settings_of_command(asked);
    const Writes writes = options.machine.in_place ? Writes::Stay : Writes::ThrowAway;
    machine::MachineSpec spec =
        specify_machine(options, asked.operands.front(), said, writes, console);
    if (options.machine.name.empty()) {
        spec.name = new_machine_name(spec.image, std::to_string(::getpid()));
    }
    // The engine would make a file /etc/localtime in the image, of an owner whom nobody knows.
    if (options.machine.in_place && spec.timezone.empty()) {
        spec.timezone = "off";
    }
    if (const std::optional<int> status = refuse_command(spec, console)) {
        return *status;
    }
    const machine::LaunchPlan plan = plan_machine(spec, options, console);
    console.err.drain();
    std::optional<TerminalGuard> guard;
    if (has_terminal()) {
        guard.emplace();
    }
    return spawn::launch_and_wait(plan);
}

} // namespace

int cmd_run(const Invocation& asked, Console& console) {
    try {
        return run(asked, console);
    } catch (const Error& error) {
        print_error(console, error.what());
        return kOurs;
    }
}

} // namespace slipway::cli
