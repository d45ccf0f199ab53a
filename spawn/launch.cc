// The plan goes in as a sealed file, lines come out of a pipe. The supervisor leaves our session,
// which it could not as the leader of a process group, and is left to itself as soon as it has said
// enough.

#include "spawn/launch.hh"

#include <algorithm>
#include <array>
#include <csignal>
#include <optional>
#include <utility>
#include <variant>

#include <fcntl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/child_process.hh"
#include "base/error.hh"
#include "base/memfd.hh"
#include "base/pipe.hh"
#include "base/quoted.hh"
#include "base/wait.hh"
#include "machine/plan_json.hh"
#include "spawn/console_text.hh"
#include "spawn/launch_event.hh"

namespace slipway::spawn {
namespace {

using std::chrono::steady_clock;

class Launch {
public:
    explicit Launch(const machine::LaunchPlan& plan) {
        const Fd input = make_sealed_memfd(machine::plan_to_json(plan));
        auto [said, write] = make_pipe();
        said_ = std::move(said);
        ChildSpec spec{.program = find_program("slipway-supervise"),
                       .arguments = {},
                       .fds = {{input.get(), STDIN_FILENO}, {write.get(), STDOUT_FILENO}},
                       .environment = {},
                       .capture_stderr = true};
        if (plan.passes_descriptors) {
            for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
                spec.fds.emplace_back(standard, standard + 3);
            }
        }
        supervisor_.emplace(spec);
    }

    // Whatever happens here, a machine is not killed half-way: its supervisor has to clean up.
    ~Launch() { std::move(*supervisor_).abandon(); }
    Launch(const Launch&) = delete;
    Launch& operator=(const Launch&) = delete;

    /// What it says next; nothing at the deadline, or when `interrupts` is readable first.
    std::optional<LaunchEvent> next(const Deadline& deadline, int interrupts = -1) {
        for (;;) {
            const std::size_t end = text_.find('\n');
            if (end != text_.npos) {
                const std::string line = text_.substr(0, end);
                text_.erase(0, end + 1);
                return event_from_json(line);
            }
            std::array<pollfd, 2> fds{pollfd{said_.get(), POLLIN, 0},
                                      pollfd{interrupts, POLLIN, 0}};
            if (poll_fds(fds, {}, deadline) == 0 || fds[0].revents == 0) {
                return std::nullopt;
            }
            read_some();
        }
    }

    void signal(int number) noexcept { supervisor_->kill(number); }

private:
    void read_some() {
        std::array<char, 4096> part{};
        const ssize_t got = ::read(said_.get(), part.data(), part.size());
        if (got <= 0) {
            throw Error(Kind::Internal, "slipway-supervise {}: {}",
                        supervisor_->wait().description(), escaped(supervisor_->stderr_tail()));
        }
        text_.append(part.data(), static_cast<std::size_t>(got));
    }

    Fd said_;
    std::string text_;
    std::optional<ChildProcess> supervisor_;
};

void refuse_failure(const LaunchEvent& event) {
    if (const auto* failed = std::get_if<Failed>(&event)) {
        throw Error(failed->kind, "{}", relayed(failed->text));
    }
}

// In one line: what a system says when it gives up is in its last few.
std::string last_words_of(const Ended& ended) {
    constexpr std::size_t kLines = 4;
    std::string words = plain_text(last_lines_of(ended.last_words, kLines));
    std::replace(words.begin(), words.end(), '\n', ' ');
    while (words.ends_with(' ')) {
        words.pop_back();
    }
    return words;
}

Fd watch_interrupts() {
    sigset_t set;
    ::sigemptyset(&set);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGWINCH}) {
        ::sigaddset(&set, signal);
    }
    Fd fd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!fd || ::sigprocmask(SIG_BLOCK, &set, nullptr) < 0) {
        throw errno_error("cannot watch for signals");
    }
    return fd;
}

int take_signal(int fd) {
    signalfd_siginfo info{};
    static_cast<void>(!::read(fd, &info, sizeof info));
    return static_cast<int>(info.ssi_signo);
}

} // namespace

Launched launch(const machine::LaunchPlan& plan, Until until, std::chrono::seconds patience) {
    const auto deadline = steady_clock::now() + patience;
    Launch launch(plan);
    Launched launched;
    while (const std::optional<LaunchEvent> event = launch.next(deadline)) {
        refuse_failure(*event);
        if (const auto* ended = std::get_if<Ended>(&*event)) {
            const std::string words = last_words_of(*ended);
            throw Error(Kind::Other,
                        "machine {} ended while it booted: its engine exited with status {}{}{}",
                        quoted(plan.machine), ended->status,
                        words.empty() ? "" : ". It said: ", words);
        }
        if (const auto* running = std::get_if<Running>(&*event)) {
            launched.leader = running->leader;
        }
        launched.is_ready = launched.is_ready || std::holds_alternative<Ready>(*event);
        if (launched.is_ready || (launched.leader != 0 && until == Until::Running)) {
            break;
        }
    }
    return launched;
}

int launch_and_wait(machine::LaunchPlan plan) {
    plan.passes_descriptors = true;
    const Fd interrupts = watch_interrupts();
    Launch launch(plan);
    int ended_by = 0;
    for (;;) {
        const std::optional<LaunchEvent> event = launch.next({}, interrupts.get());
        if (!event) {
            const int signal = take_signal(interrupts.get());
            launch.signal(signal == SIGHUP ? SIGTERM : signal);
            ended_by = signal == SIGWINCH ? ended_by : signal;
            continue;
        }
        refuse_failure(*event);
        if (const auto* ended = std::get_if<Ended>(&*event)) {
            return ended_by == 0 ? ended->status : 128 + ended_by;
        }
    }
}

} // namespace slipway::spawn
