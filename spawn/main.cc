// slipway-supervise, one machine's: a launch plan on standard input, what becomes of it on standard
// output (docs/protocol.md). It outlives whoever started it; SIGTERM asks for an orderly poweroff.
// With "--undo LIST" it undoes that list, for the host's systemd when a machine of its own ends;
// with "--look NAME" it tells what a machine says of itself.

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <string>
#include <variant>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.hh"
#include "base/error.hh"
#include "base/quoted.hh"
#include "machine/plan_json.hh"
#include "machine/undo_json.hh"
#include "spawn/guest_facts.hh"
#include "spawn/supervisor.hh"
#include "spawn/undo.hh"

namespace {

using namespace slipway;

constexpr std::size_t kMaxPlanBytes = 1 * MiB;
constexpr int kFirstPassed = 3;

std::string read_plan() {
    std::string text;
    std::array<char, 16 * KiB> part{};
    for (;;) {
        const ssize_t got = ::read(STDIN_FILENO, part.data(), part.size());
        if (got < 0 && errno != EINTR) {
            throw errno_error("cannot read the launch plan from standard input");
        }
        if (got == 0) {
            return text;
        }
        text.append(part.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
        if (text.size() > kMaxPlanBytes) {
            throw Error(Kind::Limit, "the launch plan is longer than {} bytes", kMaxPlanBytes);
        }
    }
}

Fd take_fd(int number) {
    Fd taken(::fcntl(number, F_DUPFD_CLOEXEC, kFirstPassed + 3));
    if (!taken) {
        throw errno_error("descriptor {} is missing", number);
    }
    ::close(number);
    return taken;
}

// The starter's directory, session and terminal are not ours to keep: an engine in the background
// of a terminal is stopped when it touches that.
void leave_starter() {
    if (::setsid() < 0) {
        throw errno_error("cannot leave the session");
    }
    if (::chdir("/") < 0) {
        throw errno_error("cannot go to /");
    }
    ::umask(022);
}

Fd watch_stop_signals() {
    sigset_t set;
    ::sigemptyset(&set);
    for (const int signal : {SIGTERM, SIGINT, SIGWINCH, spawn::kRebootSignal}) {
        ::sigaddset(&set, signal);
    }
    Fd fd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!fd || ::sigprocmask(SIG_BLOCK, &set, nullptr) < 0) {
        throw errno_error("cannot watch for signals");
    }
    return fd;
}

void tell(const spawn::LaunchEvent& event) {
    const std::string line = spawn::event_to_json(event) + "\n";
    static_cast<void>(!::write(STDOUT_FILENO, line.data(), line.size())); // it may have left
}

int run() {
    spawn::Supervision what{.plan = machine::plan_from_json(read_plan()), .tell = tell};
    if (what.plan.passes_descriptors) {
        what.passed = spawn::PassedDescriptors{take_fd(kFirstPassed), take_fd(kFirstPassed + 1),
                                               take_fd(kFirstPassed + 2)};
    }
    leave_starter();
    const Fd stop_signals = watch_stop_signals();
    what.stop_signals = stop_signals.get();
    bool failed = false;
    what.tell = [&failed](const spawn::LaunchEvent& event) {
        failed = std::holds_alternative<spawn::Failed>(event);
        tell(event);
    };
    spawn::supervise(std::move(what));
    return failed ? 1 : 0;
}

// What a machine says of itself, for slipway-importd, as one JSON object. It comes from the
// machine.
int run_look(const std::string& machine) {
    const std::optional<spawn::MachineRecord> record = spawn::Registry().find(machine);
    if (!record) {
        throw Error(Kind::NotFound, "no machine {} runs here", quoted(machine));
    }
    const spawn::Guest guest(*record);
    const nlohmann::json object{{"os_release", spawn::os_release_of(guest)},
                                {"addresses", spawn::addresses_of(guest)}};
    fmt::print("{}\n", object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
    return 0;
}

// What fails is in the journal of the unit.
int run_undo(const std::string& list) {
    const auto left = spawn::undo(machine::undo_from_json(nlohmann::json::parse(list)));
    for (const spawn::NotUndone& one : left) {
        fmt::print(stderr, "{}\n", one.reason);
    }
    return left.empty() ? 0 : exit_status(Kind::Other);
}

} // namespace

int main(int argc, char** argv) {
    ::signal(SIGPIPE, SIG_IGN);
    ::signal(SIGHUP, SIG_IGN);
    try {
        if (argc == 3 && std::string_view(argv[1]) == "--undo") {
            return run_undo(argv[2]);
        }
        if (argc == 3 && std::string_view(argv[1]) == "--look") {
            return run_look(argv[2]);
        }
        if (argc != 1) {
            throw Error(Kind::InvalidArgument,
                        "usage: {}; it is started by slipway, and reads a "
                        "launch plan from standard input",
                        argv[0]);
        }
        return run();
    } catch (const Error& error) {
        tell(spawn::Failed{error.kind(), error.what()});
        return error.status();
    } catch (const std::exception& error) {
        tell(spawn::Failed{Kind::Other, error.what()});
        return exit_status(Kind::Other);
    }
}
