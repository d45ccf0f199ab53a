// A transient unit (org.freedesktop.systemd1(5)) that we hold a reference to: it keeps its result
// until we have read it, and is collected when we go, however we go.

#include <array>
#include <cerrno>
#include <csignal>
#include <string>

#include <sys/wait.h>
#include <unistd.h>

#include "base/bus.hh"
#include "base/error.hh"
#include "base/quoted.hh"
#include "storage/hidden.hh"
#include "toolbox/guest_process.hh"

namespace slipway::toolbox {
namespace {

constexpr const char* kSystemd = "org.freedesktop.systemd1";
constexpr const char* kManager = "org.freedesktop.systemd1.Manager";
constexpr const char* kProperties = "org.freedesktop.DBus.Properties";

// systemd.exec(5), "Process Exit Codes".
constexpr int kExecFailed = 203;
constexpr int kPamFailed = 224;
constexpr int kNotFound = 127;
constexpr int kNotRunnable = 126;

using Property = bus::Struct<std::string, bus::Variant>;
using Words = std::vector<std::string>;

// Not "ExecStart": systemd would expand variables in what a person has typed, and eat each "$$".
bus::Variant exec_start(const Words& command) {
    using Exec = bus::Struct<std::string, Words, Words>;
    return bus::Variant(std::vector<Exec>{Exec(command.front(), command, Words{"no-env-expand"})});
}

std::vector<Property> properties_of(const GuestCommand& command) {
    std::vector<Property> all;
    const auto add = [&all](const char* name, const auto& value) {
        all.emplace_back(name, bus::Variant(value));
    };
    const auto text = [&add](const char* name, const std::string& value) { add(name, value); };
    text("Description", "slipway shell");
    text("Type", "exec");
    add("AddRef", true);
    text("CollectMode", "inactive-or-failed");
    add("SendSIGHUP", true);
    add("IgnoreSIGPIPE", false);
    text("User", command.user.name);
    text("WorkingDirectory", "-~"); // a user without a home gets a shell all the same
    if (!command.environment.empty()) {
        add("Environment", command.environment);
    }
    if (command.terminal.empty()) {
        const std::array<const char*, 3> names{"StandardInputFileDescriptor",
                                               "StandardOutputFileDescriptor",
                                               "StandardErrorFileDescriptor"};
        for (std::size_t i = 0; i < names.size(); ++i) {
            add(names.at(i), sdbus::UnixFd(command.fds.at(i)));
        }
    } else {
        text("PAMName", "login");
        for (const char* name : {"StandardInput", "StandardOutput", "StandardError"}) {
            text(name, "tty");
        }
        text("TTYPath", command.terminal);
    }
    all.emplace_back("ExecStartEx", exec_start(command.command));
    return all;
}

class UnitProcess : public GuestProcess {
public:
    UnitProcess(const spawn::Guest& guest, const GuestCommand& command)
        : name_("slipway-shell-" + storage::make_job_id() + ".service"), guest_(guest),
          program_(command.command.front()), has_terminal_(!command.terminal.empty()),
          bus_(bus::Connection::open_container_bus(guest.leader())),
          manager_(bus_, kSystemd, "/org/freedesktop/systemd1") {
        manager_.call_and_wait(kManager, "Subscribe", {});
        jobs_ = bus_.subscribe("type='signal',interface='org.freedesktop.systemd1.Manager',"
                               "member='JobRemoved',path='/org/freedesktop/systemd1'",
                               [this](bus::Incoming signal) { job_removed(signal); });
        start(command);
    }

    Awaited awaited() const override {
        const bus::PollData data = bus_.poll_data();
        Awaited awaited{.fd = data.fd, .events = data.events, .deadline = std::nullopt};
        if (data.deadline) {
            awaited.deadline = std::chrono::steady_clock::time_point(*data.deadline);
        }
        return awaited;
    }

    std::optional<int> process() override {
        bus_.process();
        if (!started_ ||
            !changed_) { // before its job is over the unit only looks as if it had ended
            return std::nullopt;
        }
        changed_ = false;
        const auto state = get<std::string>("org.freedesktop.systemd1.Unit", "ActiveState");
        if (state != "inactive" && state != "failed") {
            return std::nullopt;
        }
        return status();
    }

    void signal(int signal) override {
        try {
            manager_.call_and_wait(kManager, "KillUnit", {}, name_, std::string("all"), signal);
        } catch (const Error& error) {
            debug("{}", error.what()); // it has ended meanwhile
        }
    }

private:
    void start(const GuestCommand& command) {
        using Auxiliary = bus::Struct<std::string, std::vector<Property>>;
        manager_.call_and_wait(kManager, "StartTransientUnit", {}, name_, std::string("fail"),
                               properties_of(command), std::vector<Auxiliary>());
        const auto [path] =
            manager_.call_and_wait(kManager, "GetUnit", {}, name_).read<bus::ObjectPath>();
        unit_.emplace(bus_, kSystemd, path);
        changes_ = bus_.subscribe(
            fmt::format("type='signal',interface='{}',member='PropertiesChanged',path='{}'",
                        kProperties, std::string(path)),
            [this](const bus::Incoming& /*signal*/) { changed_ = true; });
    }

    void job_removed(bus::Incoming& signal) {
        const auto [id, job, unit, result] =
            signal.read<std::uint32_t, bus::ObjectPath, std::string, std::string>();
        if (unit == name_) {
            started_ = true;
            changed_ = true;
            start_failed_ = result != "done";
        }
    }

    template <typename T>
    T get(const char* interface, const char* property) {
        const auto [value] = unit_
                                 ->call_and_wait(kProperties, "Get", {}, std::string(interface),
                                                 std::string(property))
                                 .template read<bus::Variant>();
        return value.template get<T>();
    }

    int status() {
        constexpr const char* kService = "org.freedesktop.systemd1.Service";
        const auto code = get<std::int32_t>(kService, "ExecMainCode");
        const auto status = get<std::int32_t>(kService, "ExecMainStatus");
        const bool pam_failed = has_terminal_ && start_failed_ && status == kPamFailed;
        if (code == 0 || pam_failed) {
            throw Error(Kind::Other, "the machine's systemd could not start {}: {} (status {})",
                        quoted(program_), get<std::string>(kService, "Result"), status);
        }
        if (start_failed_ && status == kExecFailed && code == CLD_EXITED) {
            return status_of_start(status);
        }
        return code == CLD_EXITED ? status : 128 + status;
    }

    // A command that fails before systemd has seen it run fails the job, too: whether it is
    // systemd's number or the command's own tells the program.
    int status_of_start(int status) const {
        switch (guest_.why_not_run(program_)) {
        case ENOENT:
            return kNotFound;
        case EACCES:
            return kNotRunnable;
        default:
            return status;
        }
    }

    std::string name_;
    const spawn::Guest& guest_;
    std::string program_;
    bool has_terminal_; ///< and with it a session of PAM
    bus::Connection bus_;
    bus::Peer manager_;
    std::optional<bus::Peer> unit_;
    bool started_ = false;
    bool start_failed_ = false;
    bool changed_ = false;
    bus::Subscription jobs_;
    bus::Subscription changes_;
};

} // namespace

std::unique_ptr<GuestProcess> start_unit(const spawn::Guest& guest, const GuestCommand& command) {
    return std::make_unique<UnitProcess>(guest, command);
}

StartedInGuest start_in_guest(const spawn::Guest& guest, const GuestCommand& command) {
    std::string why = "runs no systemd";
    if (guest.has_systemd()) {
        try {
            return {start_unit(guest, command), ""};
        } catch (const Error& error) {
            if (error.kind() != Kind::NotFound) {
                throw;
            }
            why = "has no bus that answers";
        }
    }
    return {start_joined(guest, command),
            fmt::format("machine {} {}: the command runs with the machine's capabilities, but "
                        "without its filter of system calls",
                        quoted(guest.record().name), why)};
}

} // namespace slipway::toolbox
