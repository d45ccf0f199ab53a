// Starts, kills and cleans up after slipway-importd.

#include "tests/support/running_daemon.hh"

#include <algorithm>
#include <csignal>
#include <stdexcept>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/bytes.hh"
#include "base/error.hh"
#include "base/fd.hh"

namespace slipway::tests {
namespace {

constexpr const char* kName = "io.slipway.Importd";
constexpr auto kPatience = std::chrono::seconds(20);

// As the configuration calls the pools of the classes.
const std::vector<std::pair<std::string, std::string>> kPoolKeys{
    {"machine", "Machine"},
    {"portable", "Portable"},
    {"sysext", "SystemExtension"},
    {"confext", "ConfigurationExtension"}};

// Whether the process has a file below `directory` open.
bool holds_something_in(const std::filesystem::path& process,
                        const std::filesystem::path& directory) {
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(process / "fd", error)) {
        const std::string target = std::filesystem::read_symlink(entry.path(), error).string();
        if (target.starts_with(directory.string() + "/")) {
            return true;
        }
    }
    return false;
}

void wait_until_gone(int pidfd) {
    pollfd one{pidfd, POLLIN, 0};
    ::poll(&one, 1, static_cast<int>(std::chrono::milliseconds(kPatience).count()));
}

} // namespace

RunningDaemon::RunningDaemon(const TestBus& bus, DaemonOptions options)
    : bus_(bus), options_(std::move(options)) {
    std::filesystem::create_directory(state());
    std::filesystem::create_directory(runtime());
    for (const auto& [image_class, key] : kPoolKeys) {
        if (!options_.pools.contains(image_class)) {
            options_.pools[image_class] = directory_ / image_class;
            std::filesystem::create_directory(directory_ / image_class);
        }
    }
    write_config(options_.config);
    start();
}

RunningDaemon::~RunningDaemon() {
    kill();
    try {
        kill_keepers();
    } catch (const std::exception&) {
        // Whoever cannot read /proc finds what is left by hand.
    }
}

void RunningDaemon::write_config(const std::string& config) {
    std::string text = "[Pools]\n";
    for (const auto& [image_class, key] : kPoolKeys) {
        text += key + "=" + pool(image_class).string() + "\n";
    }
    write_file(config_file(), text + config);
}

void RunningDaemon::start() {
    std::vector<std::string> arguments{"--config=" + config_file().string(),
                                       "--state=" + state().string(), "--cache=" + cache().string(),
                                       "--runtime=" + runtime().string(), "--import1=yes"};
    if (!options_.exits_on_idle) {
        arguments.emplace_back("--no-idle-exit");
    }
    arguments.insert(arguments.end(), options_.arguments.begin(), options_.arguments.end());
    std::vector<std::string> environment = bus_.whole_environment();
    environment.insert(environment.end(), options_.environment.begin(), options_.environment.end());
    const std::filesystem::path log_file = directory_ / "log";
    const Fd log(
        ::open(log_file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600));
    daemon_.emplace(ChildSpec{.program = program("slipway-importd"),
                              .arguments = std::move(arguments),
                              .fds = {{log.get(), STDERR_FILENO}},
                              .environment = std::move(environment),
                              .own_process_group = true});
    try {
        bus_.wait_for_owner(kName, &*daemon_);
    } catch (const std::runtime_error& error) {
        throw std::runtime_error(std::string(error.what()) + "; its log: " + this->log());
    }
}

void RunningDaemon::kill() {
    daemon_->kill(SIGKILL);
    daemon_->wait();
}

ChildExit RunningDaemon::stop() {
    daemon_->kill(SIGTERM);
    const auto end = daemon_->wait_for(kPatience);
    if (!end) {
        throw std::runtime_error("slipway-importd does not end; its log: " + log());
    }
    return *end;
}

std::vector<pid_t> RunningDaemon::keepers() const {
    std::vector<pid_t> found;
    const std::filesystem::path keeper = program("slipway-transfer");
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
        std::error_code error;
        if (std::filesystem::read_symlink(entry.path() / "exe", error) != keeper) {
            continue;
        }
        if (holds_something_in(entry.path(), directory_.path())) {
            found.push_back(static_cast<pid_t>(std::stol(entry.path().filename())));
        }
    }
    std::sort(found.begin(), found.end());
    return found;
}

void RunningDaemon::kill_keepers() {
    for (const pid_t pid : keepers()) {
        const Fd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
        if (pidfd && ::syscall(SYS_pidfd_send_signal, pidfd.get(), SIGKILL, nullptr, 0) == 0) {
            wait_until_gone(pidfd.get());
        }
    }
}

std::string RunningDaemon::log() const {
    return read_file(directory_ / "log");
}

} // namespace slipway::tests
