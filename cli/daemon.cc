// The bus behind cli/daemon.hh.

#include "cli/daemon.hh"

#include <chrono>
#include <map>
#include <tuple>
#include <utility>

#include "base/bus.hh"
#include "base/json.hh"
#include "base/log.hh"

namespace slipway::cli {
namespace {

constexpr const char* kName = "io.slipway.Importd";
constexpr const char* kPath = "/io/slipway/Importd";
constexpr const char* kInterface = "io.slipway.Importd";
constexpr std::uint32_t kProtocol = 1;

// A service manager may take its time to start the daemon.
constexpr bus::CallOptions kStart{false, std::chrono::seconds(60)};
constexpr bus::CallOptions kAsk{};
// The person behind us may be asked for a password, and may take long to find it.
constexpr bus::CallOptions kWish{true, bus::kNoTimeout};

std::string json_of(const HistoryQuery& query) {
    nlohmann::json object{{"limit", query.limit}};
    if (query.number != 0) {
        object["job"] = query.number;
    }
    return object.dump();
}

// Who is not there has not said that something does not exist.
Error answer_of(const bus::Failure& failure) {
    const std::string_view name = failure.name;
    const Error error = bus::error_of(failure);
    const bool absent = name == "org.freedesktop.DBus.Error.ServiceUnknown" ||
                        name == "org.freedesktop.DBus.Error.NameHasNoOwner";
    return absent ? Error(Kind::Internal, "{}", error.what()) : error;
}

bus::Peer::Failed failing(Daemon::Failed failed) {
    return
        [failed = std::move(failed)](const bus::Failure& failure) { failed(answer_of(failure)); };
}

} // namespace

struct Daemon::Bus {
    Bus()
        : connection(bus::Connection::open_system_bus()),
          driver(connection, bus::kDriver, "/org/freedesktop/DBus"),
          peer(connection, kName, kPath) {}

    void ask(const char* method, const std::vector<std::string>& arguments,
             std::function<void(Jobs)> answered, Failed failed) {
        auto on_answer = [answered = std::move(answered)](bus::Incoming answer) {
            answered(transfer::parse_job_records(std::get<0>(answer.read<std::string>())));
        };
        if (arguments.empty()) {
            peer.call(kInterface, method, kAsk, std::move(on_answer), failing(std::move(failed)));
        } else {
            peer.call(kInterface, method, kAsk, std::move(on_answer), failing(std::move(failed)),
                      arguments.front());
        }
    }

    bus::Connection connection;
    bus::Peer driver;
    bus::Peer peer;
    bus::Subscription events;
    bus::Subscription owner_changes;
    // A signal that somebody else sends to us alone passes every match rule; this does not.
    std::string owner;
};

Daemon::Daemon(std::unique_ptr<Bus> bus) : bus_(std::move(bus)) {}
Daemon::~Daemon() = default;

std::unique_ptr<Daemon> Daemon::find() {
    std::unique_ptr<Daemon> daemon;
    try {
        daemon.reset(new Daemon(std::make_unique<Bus>()));
        daemon->start();
        daemon->subscribe();
    } catch (const Error& error) {
        debug("no slipway-importd answers: {}", error.what());
        return nullptr;
    }
    daemon->take_properties();
    return daemon;
}

std::unique_ptr<Daemon> Daemon::expect(std::string_view verb) {
    std::unique_ptr<Daemon> daemon = find();
    if (!daemon) {
        throw without_daemon(verb);
    }
    return daemon;
}

// The bus starts no program that it was not told of, not even one that runs.
void Daemon::start() {
    const std::string name = kName;
    auto answer = bus_->driver.call_and_wait(bus::kDriver, "NameHasOwner", kAsk, name);
    if (!std::get<0>(answer.read<bool>())) {
        bus_->driver.call_and_wait(bus::kDriver, "StartServiceByName", kStart, name,
                                   std::uint32_t{0});
    }
}

void Daemon::subscribe() {
    bus_->events =
        bus_->connection.subscribe(std::string("type='signal',sender='") + kName + "',path='" +
                                       kPath + "',interface='" + kInterface + "',member='Event'",
                                   [this](bus::Incoming signal) {
                                       if (signal.sender() == bus_->owner && listener_.event) {
                                           const auto [job, event] =
                                               signal.read<std::uint32_t, std::string>();
                                           listener_.event(job, event);
                                       }
                                   });
    bus_->owner_changes = bus_->connection.watch_owner(kName, [this](const std::string& owner) {
        bus_->owner = owner;
        if (listener_.presence) {
            listener_.presence(!owner.empty());
        }
    });
    auto answer =
        bus_->driver.call_and_wait(bus::kDriver, "GetNameOwner", kAsk, std::string(kName));
    std::tie(bus_->owner) = answer.read<std::string>();
}

void Daemon::take_properties() {
    std::map<std::string, bus::Variant> properties;
    try {
        auto answer = bus_->peer.call_and_wait("org.freedesktop.DBus.Properties", "GetAll", kAsk,
                                               std::string(kInterface));
        std::tie(properties) = answer.read<std::map<std::string, bus::Variant>>();
    } catch (const Error& error) {
        debug("slipway-importd does not show its properties: {}", error.what());
    }
    const auto protocol = properties.find("Protocol");
    if (protocol != properties.end() && protocol->second.containsValueOfType<std::uint32_t>() &&
        protocol->second.get<std::uint32_t>() != kProtocol) {
        throw Error(Kind::Unsupported,
                    "slipway-importd speaks protocol {}, this slipway {}: they belong to different "
                    "installations. Restart slipway-importd after an upgrade, or use --direct",
                    protocol->second.get<std::uint32_t>(), kProtocol);
    }
    const auto proxies = properties.find("Proxies");
    has_proxies_ = proxies != properties.end() && proxies->second.containsValueOfType<bool>() &&
                   proxies->second.get<bool>();
}

Daemon::Jobs Daemon::jobs() {
    auto answer = bus_->peer.call_and_wait(kInterface, "ListJobs", kAsk);
    return transfer::parse_job_records(std::get<0>(answer.read<std::string>()));
}

Daemon::Jobs Daemon::history(const HistoryQuery& query) {
    auto answer = bus_->peer.call_and_wait(kInterface, "History", kAsk, json_of(query));
    return transfer::parse_job_records(std::get<0>(answer.read<std::string>()));
}

void Daemon::submit(const std::string& request, std::vector<Fd> descriptors,
                    std::function<void(std::uint32_t)> answered, Failed failed) {
    bus_->peer.call(
        kInterface, "Submit", kWish,
        [answered = std::move(answered)](bus::Incoming answer) {
            answered(std::get<0>(answer.read<std::uint32_t>()));
        },
        failing(std::move(failed)), request, descriptors);
}

void Daemon::cancel(std::uint32_t number, std::function<void()> answered, Failed failed) {
    bus_->peer.call(
        kInterface, "Cancel", kWish,
        [answered = std::move(answered)](const bus::Incoming& /*answer*/) { answered(); },
        failing(std::move(failed)), number);
}

void Daemon::ask_jobs(std::function<void(Jobs)> answered, Failed failed) {
    bus_->ask("ListJobs", {}, std::move(answered), std::move(failed));
}

void Daemon::ask_history(const HistoryQuery& query, std::function<void(Jobs)> answered,
                         Failed failed) {
    bus_->ask("History", {json_of(query)}, std::move(answered), std::move(failed));
}

pollfd Daemon::poll_entry() const {
    const bus::PollData data = bus_->connection.poll_data();
    return {data.fd, data.events, 0};
}

Deadline Daemon::deadline() const {
    const auto since_start = bus_->connection.poll_data().deadline;
    return since_start ? Deadline(std::chrono::steady_clock::time_point(*since_start)) : Deadline();
}

void Daemon::process() {
    bus_->connection.process();
}

Error without_daemon(std::string_view what) {
    return Error(
        Kind::NotFound,
        "{} needs slipway-importd, and nobody answers as '{}' on the system bus. Start "
        "slipway-importd; a transfer of direct mode is shown, and canceled with C-c, where "
        "it runs",
        what, kName);
}

} // namespace slipway::cli
