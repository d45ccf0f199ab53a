// A message bus of the system's type that belongs to the test, and on it the real polkitd and the
// real clients. Nothing touches the host's bus, its polkit rules or its /run.
//
//   TestBus bus;
//   Polkit polkit(bus, {.rules = {{"10-test.rules", "polkit.addRule(…);"}}});
//   bus.run(TestBus::machinectl({"list-transfers"}));
//   bus.run(as_user(1000, {"busctl", "call", …}));

#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "base/child_process.hh"
#include "tests/support/programs.hh"

namespace slipway::tests {

/// Why there can be no bus, polkitd or machinectl of the test's own on this host; nothing when
/// there can. `if (auto why = no_dbus_daemon()) { SKIP(*why); }`
std::optional<std::string> no_dbus_daemon();
std::optional<std::string> no_polkitd();
std::optional<std::string> no_machinectl();

struct BusOptions {
    /// Policy files, beside the stock policy, in the order in which the bus reads them. Those that
    /// do not exist are passed over. Empty: ours and polkit's.
    std::vector<std::filesystem::path> policies{};
    /// Files for activation (NAME.service with its text). Their programs are started by the bus
    /// itself, as root and with environment().
    std::map<std::string, std::string> services{};
};

/// Our policy file as it lies in the tree.
std::filesystem::path own_bus_policy();
/// Debian's, of the peer (systemd-container) and of polkit.
std::filesystem::path peer_bus_policy();
std::filesystem::path polkit_bus_policy();

class TestBus {
public:
    explicit TestBus(BusOptions options = {});
    TestBus(const TestBus&) = delete;
    TestBus& operator=(const TestBus&) = delete;

    /// "unix:path=…", the same for as long as the object lives.
    std::string address() const;
    /// DBUS_SYSTEM_BUS_ADDRESS=…, for RunOptions.
    std::vector<std::string> environment() const;
    /// Ours with that variable replaced, for ChildSpec.
    std::vector<std::string> whole_environment() const;

    /// Where files for activation lie; the bus looks again after ReloadConfig.
    std::filesystem::path services() const { return directory_ / "services"; }

    /// tests::run() with environment().
    RunResult run(const std::vector<std::string>& command, RunOptions options = {}) const;

    /// Whether somebody owns `name` now.
    bool is_owned(const std::string& name) const;
    /// Waits until somebody owns `name`, or nobody does. @throws when that takes 30 s, or at once
    /// when `owner` ends before
    void wait_for_owner(const std::string& name, ChildProcess* owner = nullptr) const;
    void wait_for_no_owner(const std::string& name) const;

    /// Ends the bus, and starts it anew at the same address.
    void kill();
    void restart();

    /// `arguments` for the real machinectl where systemd seems to run, in a mount namespace of its
    /// own. The process that is started becomes machinectl: signals reach it.
    static std::vector<std::string> machinectl(const std::vector<std::string>& arguments);

private:
    void start();
    void wait_for_owned(const std::string& name, bool owned, ChildProcess* owner) const;

    TempDir directory_;
    std::optional<ChildProcess> daemon_;
};

/// `command` as that user, who has no further groups.
std::vector<std::string> as_user(uid_t uid, const std::vector<std::string>& command);

struct PolkitOptions {
    /// Files in /etc/polkit-1/rules.d, name and text. The host's are not seen.
    std::map<std::string, std::string> rules{};
    /// What lies in /usr/share/polkit-1/actions; the host's when it is empty.
    std::vector<std::filesystem::path> actions{};
};

/// Our actions as they lie in the tree, and the peer's (three of the same names).
std::filesystem::path own_actions();
std::filesystem::path peer_actions();

/// The real polkitd, on that bus until it is destroyed.
class Polkit {
public:
    explicit Polkit(const TestBus& bus, const PolkitOptions& options = {});
    Polkit(const Polkit&) = delete;
    Polkit& operator=(const Polkit&) = delete;

private:
    TempDir directory_;
    std::optional<ChildProcess> daemon_;
};

} // namespace slipway::tests
