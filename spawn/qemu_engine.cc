// Both channels are pairs of sockets: nobody else can reach the monitor, and no file is left.
//
// The guest has a port org.slipway.ready (virtio-serial), where it says READY=1 as sd_notify(3)
// would; what it says otherwise is not listened to.

#include "spawn/qemu_engine.hh"

#include <array>

#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/bytes.hh"
#include "base/error.hh"
#include "machine/qemu_arguments.hh"

namespace slipway::spawn {
namespace {

constexpr std::size_t kMaxLineBytes = 256;
constexpr int kForwardAttempts = 10;
constexpr const char* kPersonsCommand = "human-monitor-command";

std::uint16_t free_port() {
    const Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* any = reinterpret_cast<sockaddr*>(&address);
    if (!socket || ::bind(socket.get(), any, size) < 0 ||
        ::getsockname(socket.get(), any, &size) < 0) {
        throw errno_error("cannot find a free port");
    }
    return ntohs(address.sin_port);
}

std::pair<Fd, Fd> make_socket_pair() {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) < 0) {
        throw errno_error("cannot make a pair of sockets");
    }
    return {Fd(ends[0]), Fd(ends[1])};
}

} // namespace

ChildProcess QemuEngine::start(const MachineConsole& console) {
    auto [monitor, theirs] = make_socket_pair();
    auto [ready, port] = make_socket_pair();
    qmp_.emplace(std::move(monitor));
    ready_ = std::move(ready);
    ::fcntl(ready_.get(), F_SETFL, O_RDWR | O_NONBLOCK);
    heard_.clear();
    forward_attempts_ = 0;
    return start_process(plan_, console, plan_.environment,
                         {{theirs.get(), machine::kMonitorFd}, {port.get(), machine::kReadyFd}});
}

std::vector<int> QemuEngine::fds() const {
    return {qmp_ ? qmp_->fd() : -1, ready_.get()};
}

std::optional<Notification> QemuEngine::next(const ChildProcess& engine) {
    while (const std::optional<QmpMessage> message = qmp_->next()) {
        if (const std::optional<Notification> told = take(*message, engine.pid())) {
            return told;
        }
    }
    if (hear_ready()) {
        return Notification{.leader = std::nullopt, .is_ready = true};
    }
    return std::nullopt;
}

std::optional<Notification> QemuEngine::take(const QmpMessage& message, pid_t engine) {
    if (message.kind == QmpMessage::Kind::Ready) {
        if (plan_.forwards_ssh) {
            forward_ssh();
            return std::nullopt;
        }
        return Notification{.leader = engine, .is_ready = false};
    }
    // What it answers is a person's text: nothing, or why not.
    if (message.command == kPersonsCommand) {
        const bool leads_there = message.kind == QmpMessage::Kind::Return && message.value == "";
        if (!leads_there && forward_attempts_ < kForwardAttempts) {
            forward_ssh();
            return std::nullopt;
        }
        return Notification{.leader = engine,
                            .is_ready = false,
                            .ssh_port = leads_there ? ssh_port_ : std::uint16_t{0}};
    }
    if (message.kind == QmpMessage::Kind::Event && message.name == "RESET") {
        return Notification{.leader = std::nullopt, .is_ready = false, .boots_again = true};
    }
    return std::nullopt;
}

// Somebody else can take the port between our look and qemu's: then it is another one.
void QemuEngine::forward_ssh() {
    ++forward_attempts_;
    ssh_port_ = free_port();
    qmp_->execute(kPersonsCommand,
                  {{"command-line", fmt::format("hostfwd_add {} tcp:127.0.0.1:{}-:22",
                                                machine::kNetworkId, ssh_port_)}});
}

// True once for each READY=1. A guest that says more than a line can be is not kept.
bool QemuEngine::hear_ready() {
    for (;;) {
        const std::size_t end = heard_.find('\n');
        if (end != heard_.npos) {
            std::string line = heard_.substr(0, end);
            heard_.erase(0, end + 1);
            if (line.ends_with('\r')) {
                line.pop_back();
            }
            if (line == "READY=1") {
                return true;
            }
            continue;
        }
        if (heard_.size() > kMaxLineBytes) {
            heard_.clear();
        }
        std::array<char, kMaxLineBytes> part{};
        const ssize_t got = ::recv(ready_.get(), part.data(), part.size(), 0);
        if (got <= 0) {
            return false;
        }
        heard_.append(part.data(), static_cast<std::size_t>(got));
    }
}

bool QemuEngine::ask_for_poweroff(const ProcessId& /*leader*/, int /*signal*/) {
    qmp_->execute("system_powerdown"); // the ACPI button
    return true;
}

void QemuEngine::ask_for_reboot(const ProcessId& /*leader*/) {
    nlohmann::json keys = nlohmann::json::array();
    for (const char* code : {"ctrl", "alt", "delete"}) {
        keys.push_back({{"type", "qcode"}, {"data", code}});
    }
    qmp_->execute("send-key", {{"keys", keys}});
}

} // namespace slipway::spawn
