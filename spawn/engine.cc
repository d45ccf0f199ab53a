// We keep the console's slave open, too: between two boots nobody else has it, and reading a master
// without slaves is an error.

#include "spawn/engine.hh"

#include <algorithm>
#include <array>
#include <csignal>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/quoted.hh"
#include "spawn/cgroup.hh"

namespace slipway::spawn {
namespace {

constexpr std::size_t kLastWordsBytes = 600;
constexpr int kTurns = 32; // more than a terminal keeps

std::vector<std::string> environment_of(const machine::LaunchPlan& plan,
                                        const std::filesystem::path& notify) {
    std::vector<std::string> all = plan.environment;
    std::erase_if(all, [](const std::string& one) { return one.starts_with("NOTIFY_SOCKET="); });
    all.push_back("NOTIFY_SOCKET=" + notify.string());
    return all;
}

} // namespace

EngineHost::EngineHost(const machine::LaunchPlan& plan, const std::filesystem::path& directory,
                       std::optional<PassedDescriptors> passed)
    : plan_(plan), notify_path_(directory / "notify"), notify_(notify_path_),
      passed_(std::move(passed)) {
    if (!passed_) {
        log_.emplace(directory / "console");
        terminal_ = open_terminal();
        ::fcntl(terminal_->master.get(), F_SETFL, O_RDWR | O_NONBLOCK);
        server_.emplace(directory, terminal_->master.get(), *log_);
    }
}

ChildProcess EngineHost::start() const {
    std::vector<Fd> groups;
    ChildSpec spec;
    for (const std::filesystem::path& group : plan_.cgroups) {
        groups.push_back(open_cgroup(group));
        spec.cgroups.push_back(groups.back().get());
    }
    spec.program = plan_.arguments.front();
    spec.arguments.assign(plan_.arguments.begin() + 1, plan_.arguments.end());
    spec.environment = environment_of(plan_, notify_path_);
    if (passed_) {
        spec.fds = {{passed_->in.get(), STDIN_FILENO},
                    {passed_->out.get(), STDOUT_FILENO},
                    {passed_->err.get(), STDERR_FILENO}};
    } else {
        spec.fds = {{terminal_->slave.get(), STDIN_FILENO},
                    {terminal_->slave.get(), STDOUT_FILENO}};
        spec.capture_stderr = true;
    }
    return ChildProcess(spec);
}

void EngineHost::pass_on_console() {
    std::array<std::byte, kMaxConsoleBytes> bytes{};
    // Whoever says more and more is not listened to for ever.
    for (int turn = 0; terminal_ && turn < kTurns; ++turn) {
        const ssize_t got = ::read(terminal_->master.get(), bytes.data(), bytes.size());
        if (got <= 0) {
            return;
        }
        const Bytes said = Bytes(bytes).first(static_cast<std::size_t>(got));
        log_->write(said);
        server_->say(said);
    }
}

std::string EngineHost::last_words() const {
    const std::string all = log_ ? log_->text() : "";
    return all.substr(all.size() - std::min(all.size(), kLastWordsBytes));
}

// The engine has no terminal that would tell it.
void EngineHost::serve_attached(ChildProcess& engine) {
    if (server_->process()) {
        engine.kill(SIGWINCH);
    }
}

std::string last_words(const ChildProcess& engine) {
    std::string text = engine.stderr_tail(kLastWordsBytes);
    while (!text.empty() && text.back() == '\n') {
        text.pop_back();
    }
    std::replace(text.begin(), text.end(), '\n', ' ');
    return escaped(text);
}

} // namespace slipway::spawn
