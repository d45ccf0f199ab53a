// We keep the console's slave open, too: between two boots nobody else has it, and reading a master
// without slaves is an error.

#include "spawn/machine_console.hh"

#include <algorithm>
#include <array>

#include <fcntl.h>
#include <unistd.h>

namespace slipway::spawn {
namespace {

constexpr std::size_t kLastWordsBytes = 600;
constexpr int kTurns = 32; // more than a terminal keeps

} // namespace

MachineConsole::MachineConsole(const std::filesystem::path& directory,
                               std::optional<PassedDescriptors> passed)
    : passed_(std::move(passed)) {
    if (!passed_) {
        log_.emplace(directory / "console");
        terminal_ = open_terminal();
        ::fcntl(terminal_->master.get(), F_SETFL, O_RDWR | O_NONBLOCK);
        server_.emplace(directory, terminal_->master.get(), *log_);
    }
}

void MachineConsole::give_to(ChildSpec& child) const {
    if (passed_) {
        child.fds = {{passed_->in.get(), STDIN_FILENO},
                     {passed_->out.get(), STDOUT_FILENO},
                     {passed_->err.get(), STDERR_FILENO}};
    } else {
        child.fds = {{terminal_->slave.get(), STDIN_FILENO},
                     {terminal_->slave.get(), STDOUT_FILENO}};
        child.capture_stderr = true;
    }
}

void MachineConsole::pass_on() {
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

std::string MachineConsole::last_words() const {
    const std::string all = log_ ? log_->text() : "";
    return all.substr(all.size() - std::min(all.size(), kLastWordsBytes));
}

} // namespace slipway::spawn
