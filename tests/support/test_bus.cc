// dbus-daemon with a configuration like the stock one, polkitd behind a mount namespace.

#include "tests/support/test_bus.hh"

#include <array>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string_view>

#include <fcntl.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/handle.hh"

namespace slipway::tests {
namespace {

constexpr auto kPatience = std::chrono::seconds(30);
constexpr const char* kPolkitName = "org.freedesktop.PolicyKit1";
constexpr const char* kPolkitd = "/usr/lib/polkit-1/polkitd";

using Connection = Handle<sd_bus, sd_bus_flush_close_unref>;

// /usr/share/dbus-1/system.conf of dbus 1.14, less what belongs to the one bus of a host: its user,
// its pid file, its launch helper, the other services' files.
constexpr std::string_view kStockPolicy = R"(
  <policy context="default">
    <allow user="*"/>
    <deny own="*"/>
    <deny send_type="method_call"/>
    <allow send_type="signal"/>
    <allow send_requested_reply="true" send_type="method_return"/>
    <allow send_requested_reply="true" send_type="error"/>
    <allow receive_type="method_call"/>
    <allow receive_type="method_return"/>
    <allow receive_type="error"/>
    <allow receive_type="signal"/>
    <allow send_destination="org.freedesktop.DBus" send_interface="org.freedesktop.DBus"/>
    <allow send_destination="org.freedesktop.DBus"
           send_interface="org.freedesktop.DBus.Introspectable"/>
    <allow send_destination="org.freedesktop.DBus"
           send_interface="org.freedesktop.DBus.Properties"/>
    <deny send_destination="org.freedesktop.DBus" send_interface="org.freedesktop.DBus"
          send_member="UpdateActivationEnvironment"/>
    <deny send_destination="org.freedesktop.DBus"
          send_interface="org.freedesktop.DBus.Debug.Stats"/>
  </policy>
  <policy user="root">
    <allow send_destination="org.freedesktop.DBus"
           send_interface="org.freedesktop.DBus.Monitoring"/>
  </policy>
)";

std::string bus_configuration(const std::filesystem::path& directory, const BusOptions& options) {
    std::string text = "<!DOCTYPE busconfig PUBLIC "
                       "\"-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN\"\n"
                       " \"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\">\n"
                       "<busconfig>\n  <type>system</type>\n  <auth>EXTERNAL</auth>\n";
    text += "  <listen>unix:path=" + (directory / "socket").string() + "</listen>\n";
    text += "  <servicedir>" + (directory / "services").string() + "</servicedir>\n";
    text += kStockPolicy;
    for (const std::filesystem::path& policy : options.policies) {
        text += "  <include ignore_missing=\"yes\">" + policy.string() + "</include>\n";
    }
    return text + "</busconfig>\n";
}

std::filesystem::path source(const std::string& name) {
    const char* root = std::getenv("SLIPWAY_SOURCES");
    if (root == nullptr) {
        throw std::runtime_error("SLIPWAY_SOURCES is not set; run the tests through meson");
    }
    return std::filesystem::path(root) / name;
}

void allow_everybody_to_look(const std::filesystem::path& directory) {
    std::filesystem::permissions(directory, static_cast<std::filesystem::perms>(0755));
}

Connection connect(const std::string& address) {
    sd_bus* fresh = nullptr;
    if (sd_bus_new(&fresh) < 0) {
        throw std::runtime_error("no memory for a connection");
    }
    Connection bus(fresh);
    int error = sd_bus_set_address(fresh, address.c_str());
    if (error >= 0) {
        error = sd_bus_set_bus_client(fresh, 1);
    }
    if (error >= 0) {
        error = sd_bus_start(fresh);
    }
    if (error < 0) {
        throw std::runtime_error("cannot reach the test's bus: " + errno_text(-error));
    }
    return bus;
}

bool has_owner(sd_bus* bus, const std::string& name) {
    sd_bus_creds* creds = nullptr;
    const int error = sd_bus_get_name_creds(bus, name.c_str(), 0, &creds);
    sd_bus_creds_unref(creds);
    if (error < 0 && error != -ENXIO && error != -ESRCH) {
        throw std::runtime_error("cannot ask for the owner of " + name + ": " + errno_text(-error));
    }
    return error >= 0;
}

std::optional<std::string> no_root() {
    return ::geteuid() == 0 ? std::nullopt
                            : std::optional<std::string>("not root: no bus of the system's type");
}

std::optional<std::string> no_program(const std::string& path, const std::string& package) {
    if (path.find('/') == path.npos ? run({"sh", "-c", "command -v " + path}).status == 0
                                    : ::access(path.c_str(), X_OK) == 0) {
        return std::nullopt;
    }
    return path + " (Debian: " + package + ") is not installed";
}

// `command` in a mount namespace of its own, behind `setup`. The process becomes the command.
std::vector<std::string> privately(const std::string& setup,
                                   const std::vector<std::string>& command) {
    std::vector<std::string> all{"unshare", "--mount", "--propagation",           "private",
                                 "sh",      "-c",      setup + " && exec \"$@\"", "sh"};
    all.insert(all.end(), command.begin(), command.end());
    return all;
}

ChildProcess start_program(const std::vector<std::string>& command,
                           const std::vector<std::string>& environment,
                           std::vector<std::pair<int, int>> fds = {}) {
    return ChildProcess({.program = "/usr/bin/env",
                         .arguments = command,
                         .fds = std::move(fds),
                         .environment = environment,
                         .own_process_group = true,
                         .capture_stderr = true});
}

} // namespace

std::optional<std::string> no_dbus_daemon() {
    static const std::optional<std::string> why = [] {
        auto reason = no_root();
        return reason ? reason : no_program("dbus-daemon", "dbus-daemon");
    }();
    return why;
}

std::optional<std::string> no_polkitd() {
    static const std::optional<std::string> why = []() -> std::optional<std::string> {
        if (auto reason = no_dbus_daemon()) {
            return reason;
        }
        if (run(privately("mount --bind /etc/polkit-1 /etc/polkit-1", {"true"})).status != 0) {
            return "a mount namespace is refused here, or there is no /etc/polkit-1";
        }
        return no_program(kPolkitd, "polkitd");
    }();
    return why;
}

std::optional<std::string> no_machinectl() {
    static const std::optional<std::string> why = []() -> std::optional<std::string> {
        if (auto reason = no_dbus_daemon()) {
            return reason;
        }
        if (auto reason = no_program("machinectl", "systemd-container")) {
            return reason;
        }
        if (run(TestBus::machinectl({"--version"})).status != 0) {
            return "a mount namespace is refused here";
        }
        return std::nullopt;
    }();
    return why;
}

std::filesystem::path own_bus_policy() {
    return source("data/io.slipway.Importd.conf");
}

std::filesystem::path peer_bus_policy() {
    return "/usr/share/dbus-1/system.d/org.freedesktop.import1.conf";
}

std::filesystem::path polkit_bus_policy() {
    return "/usr/share/dbus-1/system.d/org.freedesktop.PolicyKit1.conf";
}

std::filesystem::path own_actions() {
    return source("data/io.slipway.importd.policy");
}

std::filesystem::path peer_actions() {
    return "/usr/share/polkit-1/actions/org.freedesktop.import1.policy";
}

TestBus::TestBus(BusOptions options) {
    if (options.policies.empty()) {
        options.policies = {own_bus_policy(), polkit_bus_policy()};
    }
    allow_everybody_to_look(directory_.path());
    std::filesystem::create_directory(directory_ / "services");
    for (const auto& [name, text] : options.services) {
        write_file(directory_ / "services" / name, text);
    }
    write_file(directory_ / "bus.conf", bus_configuration(directory_.path(), options));
    start();
}

void TestBus::start() {
    std::array<int, 2> ready{};
    if (::pipe2(ready.data(), O_CLOEXEC) < 0) {
        throw errno_error("cannot make a pipe");
    }
    const Fd in(ready[0]);
    Fd out(ready[1]);
    daemon_ = start_program({"dbus-daemon", "--config-file=" + (directory_ / "bus.conf").string(),
                             "--nofork", "--nopidfile", "--nosyslog", "--print-address=3"},
                            whole_environment(), {{out.get(), 3}});
    out.reset();
    char byte = 0;
    if (::read(in.get(), &byte, 1) != 1) { // the address, once it listens
        const std::string end = daemon_->wait().description();
        throw std::runtime_error("dbus-daemon " + end + ": " + daemon_->stderr_tail());
    }
}

void TestBus::kill() {
    daemon_->kill(SIGKILL);
    daemon_->wait();
}

void TestBus::restart() {
    kill();
    std::filesystem::remove(directory_ / "socket");
    start();
}

std::string TestBus::address() const {
    return "unix:path=" + (directory_ / "socket").string();
}

std::vector<std::string> TestBus::environment() const {
    return {"DBUS_SYSTEM_BUS_ADDRESS=" + address()};
}

std::vector<std::string> TestBus::whole_environment() const {
    std::vector<std::string> all = environment();
    for (char** entry = environ; *entry != nullptr; ++entry) {
        if (!std::string_view(*entry).starts_with("DBUS_SYSTEM_BUS_ADDRESS=")) {
            all.emplace_back(*entry);
        }
    }
    return all;
}

RunResult TestBus::run(const std::vector<std::string>& command, RunOptions options) const {
    const std::vector<std::string> ours = environment();
    options.environment.insert(options.environment.end(), ours.begin(), ours.end());
    return tests::run(command, options);
}

bool TestBus::is_owned(const std::string& name) const {
    return has_owner(connect(address()).get(), name);
}

void TestBus::wait_for_owner(const std::string& name, ChildProcess* owner) const {
    wait_for_owned(name, true, owner);
}

void TestBus::wait_for_no_owner(const std::string& name) const {
    wait_for_owned(name, false, nullptr);
}

// The answer is asked for after the subscription, so that no change is missed; any message wakes.
void TestBus::wait_for_owned(const std::string& name, bool owned, ChildProcess* owner) const {
    const Connection bus = connect(address());
    const std::string match = "type='signal',sender='org.freedesktop.DBus',"
                              "member='NameOwnerChanged',arg0='" +
                              name + "'";
    if (sd_bus_add_match(bus.get(), nullptr, match.c_str(), nullptr, nullptr) < 0) {
        throw std::runtime_error("cannot watch " + name);
    }
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (has_owner(bus.get(), name) != owned) {
        // The owner's end is no message: it is looked for now and then.
        sd_bus_wait(bus.get(), 50'000);
        while (sd_bus_process(bus.get(), nullptr) > 0) {
        }
        if (owner != nullptr) {
            if (const auto end = owner->wait_for(std::chrono::milliseconds(0))) {
                throw std::runtime_error("whoever should own " + name + " " + end->description() +
                                         ": " + owner->stderr_tail());
            }
        }
        if (std::chrono::steady_clock::now() > deadline) {
            throw std::runtime_error(name + (owned ? " has no owner" : " still has an owner"));
        }
    }
}

std::vector<std::string> TestBus::machinectl(const std::vector<std::string>& arguments) {
    std::vector<std::string> command{"machinectl"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    return privately("mount -t tmpfs -o mode=755 tmpfs /run && mkdir -p /run/systemd/system",
                     command);
}

std::vector<std::string> as_user(uid_t uid, const std::vector<std::string>& command) {
    const std::string id = std::to_string(uid);
    std::vector<std::string> all{"setpriv", "--reuid", id, "--regid", id, "--clear-groups", "--"};
    all.insert(all.end(), command.begin(), command.end());
    return all;
}

Polkit::Polkit(const TestBus& bus, const PolkitOptions& options) {
    // polkitd reads them as a user of its own.
    allow_everybody_to_look(directory_.path());
    const std::filesystem::path rules = directory_ / "rules.d";
    std::filesystem::create_directory(rules);
    for (const auto& [name, text] : options.rules) {
        write_file(rules / name, text);
    }
    std::string mounts = "mount --bind '" + rules.string() + "' /etc/polkit-1/rules.d";
    if (!options.actions.empty()) {
        const std::filesystem::path actions = directory_ / "actions";
        std::filesystem::create_directory(actions);
        for (const std::filesystem::path& file : options.actions) {
            std::filesystem::copy(file, actions / file.filename());
        }
        mounts += " && mount --bind '" + actions.string() + "' /usr/share/polkit-1/actions";
    }
    daemon_ = start_program(privately(mounts, {kPolkitd, "--no-debug"}), bus.whole_environment());
    bus.wait_for_owner(kPolkitName, &*daemon_);
}

} // namespace slipway::tests
