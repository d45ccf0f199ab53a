// The boot, the wait for READY=1.

#include "tests/e2e/systemd_host.hh"

#include <algorithm>
#include <array>
#include <csignal>
#include <stdexcept>

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/fd.hh"
#include "tests/e2e/processes.hh"

namespace slipway::tests {
namespace {

constexpr auto kPatience = std::chrono::seconds(60);

// Where systemd-nspawn says READY=1 (sd_notify(3)).
class NotifySocket {
public:
    explicit NotifySocket(const std::filesystem::path& path)
        : fd_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::copy_n(path.native().begin(), path.native().size(), address.sun_path);
        if (::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) < 0) {
            throw errno_error("cannot listen at {}", path.string());
        }
    }

    // @throws when `sender` ends before, or that takes too long
    void wait_for_ready(ChildProcess& sender) const {
        for (;;) {
            std::array<pollfd, 2> both{pollfd{fd_.get(), POLLIN, 0},
                                       pollfd{sender.pidfd(), POLLIN, 0}};
            constexpr auto kMs = std::chrono::milliseconds(kPatience).count();
            if (::poll(both.data(), both.size(), static_cast<int>(kMs)) == 0) {
                throw std::runtime_error("the machine does not boot: " + sender.stderr_tail());
            }
            if ((both[0].revents & POLLIN) == 0) {
                throw std::runtime_error("systemd-nspawn " + sender.wait().description() + ": " +
                                         sender.stderr_tail());
            }
            std::string message(4096, '\0');
            const ssize_t size = ::recv(fd_.get(), message.data(), message.size(), 0);
            message.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
            if (message.find("READY=1") != message.npos) {
                return;
            }
        }
    }

private:
    Fd fd_;
};

} // namespace

std::optional<std::string> no_systemd_host() {
    static const std::optional<std::string> why = []() -> std::optional<std::string> {
        for (const char* needed : {"/usr/bin/systemd-nspawn", "/lib/systemd/systemd",
                                   "/usr/bin/dbus-daemon", "/usr/bin/machinectl"}) {
            if (::access(needed, X_OK) < 0 &&
                ::access(("/usr" + std::string(needed)).c_str(), X_OK) < 0) {
                return std::string(needed) + " is not installed";
            }
        }
        if (auto reason = use_private_run()) {
            return reason;
        }
        try {
            const SystemdHost host;
            return std::nullopt;
        } catch (const std::exception& error) {
            return std::string("no machine with systemd can be booted here: ") + error.what();
        }
    }();
    return why;
}

SystemdHost::SystemdHost() {
    std::filesystem::create_directory(pool());
    group_.emplace(directory_.path().filename().string());
    boot();
}

SystemdHost::~SystemdHost() {
    if (nspawn_ && group_) {
        try {
            group_->kill();
            nspawn_->wait();
        } catch (const std::exception&) {
            nspawn_->kill(SIGKILL);
        }
    }
    group_.reset();
}

void SystemdHost::boot() {
    const std::filesystem::path notify = directory_ / "notify";
    const NotifySocket socket(notify);
    const std::vector<std::string> command = group_->around(
        {"systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--boot",
         "--notify-ready=yes", "--kill-signal=SIGRTMIN+3", "--console=pipe", "--resolv-conf=off",
         "--timezone=off", "--machine=" + directory_.path().filename().string(),
         "--directory=" + root().string(), "--capability=all",
         "--bind=" + pool().string() + ":/var/lib/machines"});
    nspawn_.emplace(ChildSpec{
        .program = "/usr/bin/env",
        .arguments = command,
        .fds = {},
        .environment = {{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "NOTIFY_SOCKET=" + notify.string(),
                         "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1"}},
        .own_process_group = true,
        .capture_stderr = true});
    socket.wait_for_ready(*nspawn_);
    const auto leader = find_child_of(nspawn_->pid(), "systemd");
    if (!leader) {
        throw std::runtime_error("the machine has no first process");
    }
    leader_ = *leader;
}

std::vector<std::string> SystemdHost::inside(const std::vector<std::string>& command) const {
    std::vector<std::string> all{"nsenter",
                                 "--target=" + std::to_string(leader_),
                                 "--all",
                                 "env",
                                 "-i",
                                 "PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                                 "LC_ALL=C.UTF-8"};
    all.insert(all.end(), command.begin(), command.end());
    return all;
}

} // namespace slipway::tests
