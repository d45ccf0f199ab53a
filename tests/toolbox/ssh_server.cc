// sshd wants its directory in /run: it gets a /run of its own, so that nothing of it stays.

#include "tests/toolbox/ssh_server.hh"

#include <chrono>
#include <csignal>
#include <sstream>
#include <stdexcept>
#include <thread>

#include <unistd.h>

#include "tests/support/loopback.hh"

namespace slipway::tests {
namespace {

namespace fs = std::filesystem;

bool answers(std::uint16_t port) {
    return static_cast<bool>(connect_to(port));
}

} // namespace

std::optional<std::string> no_ssh_server() {
    if (::geteuid() != 0) {
        return "needs root";
    }
    if (!fs::exists("/usr/sbin/sshd")) {
        return "there is no sshd";
    }
    return std::nullopt;
}

SshServer::SshServer() {
    const fs::path place = top_ / "the \"keys\" \\ of %h";
    fs::create_directory(place);
    run_ok({"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", top_ / "host_key"});
    run_ok({"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", place / "ssh_key"});
    fs::copy_file(place / "ssh_key.pub", top_ / "authorized_keys");
    const std::uint16_t port = port_of(listen_on(0)); // free a moment ago
    write_file(top_ / "config", "ListenAddress 127.0.0.1\n"
                                "Port " +
                                    std::to_string(port) +
                                    "\n"
                                    "HostKey " +
                                    (top_ / "host_key").string() +
                                    "\n"
                                    "AuthorizedKeysFile " +
                                    (top_ / "authorized_keys").string() +
                                    "\n"
                                    "PidFile none\n"
                                    "StrictModes no\n"
                                    "UsePAM no\n"
                                    "UseDNS no\n"
                                    "PasswordAuthentication no\n"
                                    "KbdInteractiveAuthentication no\n"
                                    "PermitRootLogin prohibit-password\n"
                                    "PrintMotd no\n"
                                    "PrintLastLog no\n");
    guest_ = {.address = "127.0.0.1",
              .port = port,
              .key = place / "ssh_key",
              .known_hosts = place / "known_hosts",
              .host_key_alias = "web"};
    sshd_.emplace(
        ChildSpec{.program = "/usr/bin/unshare",
                  .arguments = {"--mount", "--propagation", "private", "sh", "-c",
                                "mount -t tmpfs -o mode=755 tmpfs /run && mkdir /run/sshd &&"
                                " exec /usr/sbin/sshd -D -e -f \"$0\"",
                                (top_ / "config").string()},
                  .fds = {},
                  .environment = {},
                  .capture_stderr = true});
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!answers(port)) {
        if (std::chrono::steady_clock::now() > deadline || sshd_->wait_for({})) {
            throw std::runtime_error("sshd does not answer: " + sshd_->stderr_tail());
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
}

void SshServer::drop_connections() const {
    std::istringstream children(
        run_ok({"ps", "-o", "pid=", "--ppid", std::to_string(sshd_->pid())}));
    for (pid_t pid = 0; children >> pid;) {
        ::kill(pid, SIGKILL);
    }
}

} // namespace slipway::tests
