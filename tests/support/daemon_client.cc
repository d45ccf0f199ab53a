// Ends and progress are polled for: a test's own daemon comes and goes.

#include "tests/support/daemon_client.hh"

#include <cstdlib>
#include <thread>

#include <fmt/format.h>

#include "base/error.hh"

namespace slipway::tests {
namespace {

constexpr const char* kInterface = "io.slipway.Importd";
constexpr std::chrono::seconds kPatience{60};
constexpr std::chrono::milliseconds kPause{20};

bus::Connection connect(const TestBus& bus) {
    ::setenv("DBUS_SYSTEM_BUS_ADDRESS", bus.address().c_str(), 1);
    return bus::Connection::open_system_bus();
}

} // namespace

DaemonClient::DaemonClient(const TestBus& bus)
    : connection_(connect(bus)), daemon_(connection_, kInterface, "/io/slipway/Importd"),
      heard_(connection_.subscribe("type='signal',interface='io.slipway.Importd',member='Event'",
                                   [this](bus::Incoming signal) {
                                       auto [number, event] =
                                           signal.read<std::uint32_t, std::string>();
                                       events_.emplace_back(number, event);
                                   })) {}

std::uint32_t DaemonClient::submit(const std::string& members, int input) {
    std::vector<Fd> descriptors;
    if (input >= 0) {
        descriptors.push_back(Fd(::fcntl(input, F_DUPFD_CLOEXEC, 3)));
    }
    const std::string request = fmt::format(R"({{"protocol": 1, {}}})", members);
    return std::get<0>(daemon_.call_and_wait(kInterface, "Submit", {}, request, descriptors)
                           .read<std::uint32_t>());
}

std::uint32_t DaemonClient::pull_tar(const std::string& url, const std::string& name) {
    return submit(
        fmt::format(R"("verb": "pull-tar", "verify": "no", "url": "{}", "name": "{}")", url, name));
}

void DaemonClient::cancel(std::uint32_t number) {
    daemon_.call_and_wait(kInterface, "Cancel", {}, number);
}

std::vector<transfer::JobRecord> DaemonClient::list() {
    return transfer::parse_job_records(
        std::get<0>(daemon_.call_and_wait(kInterface, "ListJobs", {}).read<std::string>()));
}

std::vector<transfer::JobRecord> DaemonClient::history(std::uint32_t limit) {
    const std::string query = fmt::format(R"({{"limit": {}}})", limit);
    return transfer::parse_job_records(
        std::get<0>(daemon_.call_and_wait(kInterface, "History", {}, query).read<std::string>()));
}

transfer::JobRecord DaemonClient::wait_for_end(std::uint32_t number) {
    const auto give_up = std::chrono::steady_clock::now() + kPatience;
    while (std::chrono::steady_clock::now() < give_up) {
        try {
            const std::string query = fmt::format(R"({{"job": {}}})", number);
            const auto found = transfer::parse_job_records(std::get<0>(
                daemon_.call_and_wait(kInterface, "History", {}, query).read<std::string>()));
            if (!found.empty()) {
                return found.front();
            }
        } catch (const Error&) { // it is being restarted
        }
        std::this_thread::sleep_for(kPause);
    }
    throw Error(Kind::Other, "job {} did not end in time", number);
}

void DaemonClient::wait_until(std::uint32_t number,
                              const std::function<bool(const transfer::JobRecord&)>& wanted) {
    const auto give_up = std::chrono::steady_clock::now() + kPatience;
    while (std::chrono::steady_clock::now() < give_up) {
        for (const transfer::JobRecord& job : list()) {
            if (job.number == number && wanted(job)) {
                return;
            }
        }
        std::this_thread::sleep_for(kPause);
    }
    throw Error(Kind::Other, "job {} did not come so far in time", number);
}

const std::vector<std::pair<std::uint32_t, std::string>>& DaemonClient::events() {
    for (std::size_t before = events_.size() + 1; before != events_.size();) {
        before = events_.size();
        connection_.process(); // so many at a time
    }
    return events_;
}

} // namespace slipway::tests
