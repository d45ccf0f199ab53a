// The names come first: who owns them is the one daemon, and may open the queue. What callers send
// meanwhile waits in the socket until the loop runs.

#include "importd/daemon.hh"

#include <cstdlib>
#include <filesystem>
#include <utility>

#include <sys/epoll.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/log.hh"
#include "importd/free_name.hh"
#include "importd/machine1_interface.hh"
#include "jobs/keeper_environment.hh"

namespace slipway::importd {
namespace {

constexpr const char* kOwnName = "io.slipway.Importd";
constexpr const char* kImport1Name = "org.freedesktop.import1";
// What `systemctl enable slipway-importd` makes.
constexpr const char* kImport1Unit = "/etc/systemd/system/dbus-org.freedesktop.import1.service";

// How long after a failed attempt the queue is opened again.
constexpr std::chrono::seconds kOpenAgain{5};

std::vector<std::string> own_environment() {
    std::vector<std::string> all;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        all.emplace_back(*entry);
    }
    return all;
}

// Proxies that the configuration does not name are those that the service was started with.
jobs::Config read_config(const std::filesystem::path& file, const jobs::Journal& journal) {
    jobs::LoadedConfig loaded = jobs::load_config(jobs::places_of(file));
    for (const std::string& warning : loaded.warnings) {
        journal.write(jobs::Priority::Warning, warning);
    }
    if (loaded.config.proxies.empty()) {
        loaded.config.proxies = jobs::split_environment(own_environment()).proxies;
    }
    return std::move(loaded.config);
}

bool is_import1_ours(Import1Name asked) {
    if (asked != Import1Name::Auto || ::sd_booted() <= 0) {
        return asked != Import1Name::No;
    }
    std::error_code error;
    return std::filesystem::read_symlink(kImport1Unit, error).filename() ==
           "slipway-importd.service";
}

jobs::Wanted wanted_of(const bus::Connection& connection) {
    const bus::PollData data = connection.poll_data();
    jobs::Wanted wanted;
    wanted.fd = data.fd;
    wanted.events = (data.events & POLLIN ? EPOLLIN : 0U) | (data.events & POLLOUT ? EPOLLOUT : 0U);
    if (data.deadline) {
        wanted.deadline = std::chrono::steady_clock::time_point(*data.deadline);
    }
    return wanted;
}

} // namespace

Daemon::Daemon(const Arguments& arguments)
    : arguments_(arguments), terminate_(loop_.on_signal(SIGTERM, [this] { loop_.exit(); })),
      interrupt_(loop_.on_signal(SIGINT, [this] { loop_.exit(); })),
      hang_up_(loop_.on_signal(SIGHUP, [this] { reload(); })),
      config_(read_config(arguments.config, journal_)),
      connection_(bus::Connection::open_system_bus()),
      service_(loop_,
               {.runtime = arguments.runtime,
                .state = arguments.state,
                .cache = arguments.cache,
                .environment = jobs::split_environment(own_environment()).common},
               config_),
      authorization_(connection_), slipway_bus_(connection_, service_, authorization_),
      log_control_(connection_, journal_),
      bus_driver_(connection_, bus::kDriver, "/org/freedesktop/DBus") {
    if (is_import1_ours(arguments_.import1)) {
        import1_.emplace(connection_, service_, authorization_, journal_);
    }
    if (arguments_.machine1 == Machine1Name::Auto && is_free_name(connection_, kMachine1Name)) {
        machine1_.emplace(connection_, service_, authorization_,
                          [this](const std::string& machine, MachineLooker::Answer answer,
                                 MachineLooker::Failed failed) {
                              machine_looker_.ask(machine, std::move(answer), std::move(failed));
                          });
        installed_ = watch_activatable(connection_, [this] { look_for_machined(); });
    }
    service_.add_observer(*this);
    service_.add_observer(job_log_);
    own_names();
    open_queue();
    bus_ = loop_.on_source([this] { return wanted_of(connection_); },
                           [this] { connection_.process(); });
}

void Daemon::own_names() {
    connection_.request_name(kOwnName);
    if (import1_) {
        connection_.request_name(kImport1Name);
    }
    if (machine1_ && is_free_name(connection_, kMachine1Name)) {
        connection_.request_name(kMachine1Name);
        has_machine1_name_ = true;
    }
}

void Daemon::release_machine1() {
    if (std::exchange(has_machine1_name_, false)) {
        connection_.release_name(kMachine1Name);
    }
}

// systemd-machined was installed while we stand in for it: the name is its own from now on. Calls
// that wait are answered all the same.
void Daemon::look_for_machined() {
    ask_activatable(bus_driver_, kMachine1Name, [this](bool is_there) {
        if (is_there && has_machine1_name_) {
            journal_.write(jobs::Priority::Notice,
                           "systemd-machined was installed: org.freedesktop.machine1 is its own");
            loop_.post([this] { release_machine1(); });
        }
    });
}

// On a full disk the daemon runs all the same: it lists and cancels, and says why it cannot
// promise.
void Daemon::open_queue() {
    try {
        auto file = std::make_unique<jobs::QueueFile>(arguments_.state / "queue.db");
        if (!file->note().empty()) {
            journal_.write(jobs::Priority::Warning, file->note());
        }
        file->trim(config_.history);
        std::vector<jobs::StoredJob> stored = file->live();
        const std::uint32_t next_number = file->next_number();
        queue_.emplace(loop_, std::move(file));
        service_.begin(*queue_, std::move(stored), next_number);
    } catch (Error& error) {
        error.add_advice("; it is tried again, and no job is taken until then");
        journal_.write(jobs::Priority::Err, error.what());
        service_.set_queue_problem(std::current_exception());
        open_again_ = loop_.after(kOpenAgain, [this] { open_queue(); });
    }
}

void Daemon::reload() {
    try {
        config_ = read_config(arguments_.config, journal_);
        service_.set_config(config_);
    } catch (const Error& error) {
        journal_.write(jobs::Priority::Err,
                       fmt::format("{}; the configuration stays as it was", error.what()));
    }
}

void Daemon::run() {
    loop_.keep_watchdog();
    look_for_idleness();
    ::sd_notify(0, "READY=1");
    loop_.run();
    ::sd_notify(0, "STOPPING=1");
}

void Daemon::ended(const transfer::JobRecord& /*job*/) {
    last_work_ = Clock::now();
}

void Daemon::look_for_idleness() {
    if (!arguments_.exits_on_idle || config_.idle_exit.count() == 0) {
        return;
    }
    const auto since = Clock::now() - last_work_;
    const bool is_idle =
        service_.is_idle() && authorization_.pending() == 0 && machine_looker_.is_idle();
    if (is_idle && since >= config_.idle_exit) {
        leave_when_idle();
        return;
    }
    const auto rest = is_idle ? config_.idle_exit - since : Clock::duration(config_.idle_exit);
    idle_ = loop_.after(std::chrono::duration_cast<std::chrono::microseconds>(rest),
                        [this] { look_for_idleness(); });
}

// Who calls from now on starts another daemon; who has called already is answered here.
void Daemon::leave_when_idle() {
    if (import1_) {
        connection_.release_name(kImport1Name);
    }
    release_machine1();
    connection_.release_name(kOwnName);
    connection_.process();
    if (service_.is_idle() && authorization_.pending() == 0) {
        loop_.exit();
        return;
    }
    own_names();
    last_work_ = Clock::now();
    look_for_idleness();
}

} // namespace slipway::importd
