// A thread of its own, for the test waits for the program that talks to it.

#include "tests/cli/stand_in_daemon.hh"

#include <array>
#include <atomic>
#include <cstdlib>
#include <future>
#include <mutex>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bus_object.hh"
#include "base/error.hh"
#include "base/wait.hh"
#include "cli/job_event.hh"

namespace slipway::tests {
namespace {

constexpr std::chrono::seconds kPatience{20};
constexpr const char* kName = "io.slipway.Importd";

// Connections are made one after the other, since the address is a variable of the process.
bus::Connection connect(const std::string& address) {
    ::setenv("DBUS_SYSTEM_BUS_ADDRESS", address.c_str(), 1);
    bus::Connection connection = bus::Connection::open_system_bus();
    ::unsetenv("DBUS_SYSTEM_BUS_ADDRESS");
    return connection;
}

std::string content_of(const Fd& fd) {
    struct stat status {};
    if (::fstat(fd.get(), &status) == 0 && S_ISDIR(status.st_mode)) {
        return "DIR";
    }
    std::string content;
    std::array<char, 4096> buffer{};
    for (ssize_t got = 0; (got = ::read(fd.get(), buffer.data(), buffer.size())) > 0;) {
        content.append(buffer.data(), static_cast<std::size_t>(got));
    }
    return content;
}

} // namespace

// The object on the bus, and the thread that serves it.
struct StandInDaemon::Loop {
    Loop(StandInDaemon& owner, const std::string& address) : daemon(owner) {
        std::promise<void> ready;
        auto is_ready = ready.get_future();
        thread = std::jthread([this, address, &ready] {
            bus::Connection connection = connect(address);
            offer(connection);
            connection.request_name(kName);
            ready.set_value();
            serve(connection);
            unanswered.clear();
            object.reset();
        });
        is_ready.get();
    }
    ~Loop() {
        stopping = true;
        ::eventfd_write(wake.get(), 1);
        thread.join();
    }
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    // Runs `work` on the thread and waits for its end.
    void run(std::function<void()> work) {
        std::packaged_task<void()> task(std::move(work));
        auto done = task.get_future();
        {
            const std::lock_guard lock(mutex);
            tasks.push_back(std::move(task));
        }
        ::eventfd_write(wake.get(), 1);
        done.get();
    }

    void offer(bus::Connection& connection) {
        object.emplace(connection, "/io/slipway/Importd", kName);
        object->method("Submit", {"sah", {"request", "descriptors"}}, {"u", {"job"}},
                       [this](const bus::Call& call) { submit(call); });
        object->method("Cancel", {"u", {"job"}}, {},
                       [this](const bus::Call& call) { cancel(call); });
        object->method("ListJobs", {}, {"s", {"jobs"}}, [this](const bus::Call& call) {
            std::vector<transfer::JobRecord> jobs;
            for (const auto& [number, job] : daemon.known_.live) {
                jobs.push_back(job);
            }
            call.answer(transfer::to_json(jobs));
        });
        object->method("History", {"s", {"query"}}, {"s", {"jobs"}},
                       [this](const bus::Call& call) { history(call); });
        object->signal("Event", {"us", {"job", "event"}});
        object->property<std::uint32_t>("Protocol", bus::Changes::Never,
                                        [this] { return daemon.behaviour_.protocol; });
        if (daemon.behaviour_.proxies) {
            object->property<bool>("Proxies", bus::Changes::Never,
                                   [this] { return *daemon.behaviour_.proxies; });
        }
        object->publish();
    }

    void submit(const bus::Call& call) {
        const auto [request, descriptors] = call.read<std::string, std::vector<Fd>>();
        daemon.known_.requests.push_back({nlohmann::json::parse(request),
                                          descriptors.empty() ? "" : content_of(descriptors[0])});
        if (const std::string& refusal = daemon.behaviour_.refusal; !refusal.empty()) {
            call.fail({"io.slipway.Error." + refusal.substr(0, refusal.find(':')),
                       refusal.substr(refusal.find(':') + 2)});
        } else if (daemon.behaviour_.answers_submit) {
            const auto& asked = daemon.known_.requests.back().request;
            transfer::JobRecord job = queued_job(daemon.known_.next++, asked.value("name", ""));
            job.verb = asked.at("verb");
            daemon.known_.live[job.number] = job;
            object->emit("Event", job.number,
                         "{\"event\":\"queued\",\"job\":" + transfer::to_json(job) + "}");
            call.answer(job.number);
        } else {
            unanswered.push_back(call);
        }
    }

    void cancel(const bus::Call& call) {
        const auto [number] = call.read<std::uint32_t>();
        if (!daemon.known_.live.contains(number)) {
            throw Error(Kind::NotFound, "there is no job {} that is queued or runs", number);
        }
        call.answer();
        daemon.known_.cancel_came = true;
        if (daemon.known_.live.at(number).name != "stubborn") {
            daemon.update(number, canceled());
            object->emit("Event", number, transfer::to_json(transfer::Event(canceled())));
        }
    }

    void history(const bus::Call& call) {
        const auto [text] = call.read<std::string>();
        const auto query = nlohmann::json::parse(text);
        const std::uint32_t number = query.value("job", 0U);
        std::vector<transfer::JobRecord> jobs;
        for (const transfer::JobRecord& job : daemon.known_.ended) {
            if ((number == 0 || number == job.number) && jobs.size() < query.value("limit", 100U)) {
                jobs.push_back(job);
            }
        }
        call.answer(transfer::to_json(jobs));
    }

    void serve(bus::Connection& connection) {
        while (!stopping) {
            connection.process();
            const bus::PollData data = connection.poll_data();
            std::array<pollfd, 2> fds{{{data.fd, data.events, 0}, {wake.get(), POLLIN, 0}}};
            const Deadline deadline =
                data.deadline ? Deadline(std::chrono::steady_clock::time_point(*data.deadline))
                              : Deadline();
            poll_fds(fds, {}, deadline);
            eventfd_t count = 0;
            ::eventfd_read(wake.get(), &count);
            std::vector<std::packaged_task<void()>> now;
            {
                const std::lock_guard lock(mutex);
                now = std::exchange(tasks, {});
            }
            for (auto& task : now) {
                task();
            }
        }
    }

    StandInDaemon& daemon;
    std::optional<bus::Object> object;
    std::vector<bus::Call> unanswered;
    Fd wake{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    std::mutex mutex;
    std::vector<std::packaged_task<void()>> tasks;
    std::atomic<bool> stopping = false;
    std::jthread thread;
};

StandInDaemon::StandInDaemon(const TestBus& bus, Behaviour behaviour)
    : address_(bus.address()), behaviour_(std::move(behaviour)) {
    come_back();
}

StandInDaemon::~StandInDaemon() = default;

BusOptions StandInDaemon::bus() {
    static const TempDir place;
    const std::filesystem::path policy = place / "policy.conf";
    write_file(policy, "<busconfig><policy user=\"root\"><allow own=\"io.slipway.Importd\"/>"
                       "</policy><policy context=\"default\"><allow send_destination="
                       "\"io.slipway.Importd\"/></policy></busconfig>\n");
    return {.policies = {policy}};
}

void StandInDaemon::wait_until(const std::function<bool()>& is) {
    const auto give_up = std::chrono::steady_clock::now() + kPatience;
    for (bool done = false; !done;) {
        loop_->run([&done, &is] { done = is(); });
        if (!done && std::chrono::steady_clock::now() >= give_up) {
            throw std::runtime_error("nothing was asked of the daemon");
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(done ? 0 : 5));
    }
}

Submitted StandInDaemon::wait_for_request() {
    wait_until([this] { return known_.requests.size() > taken_; });
    Submitted found;
    loop_->run([this, &found] { found = known_.requests[taken_++]; });
    return found;
}

void StandInDaemon::wait_for_cancel() {
    wait_until([this] { return known_.cancel_came; });
}

void StandInDaemon::update(std::uint32_t number, const transfer::Event& event) {
    transfer::JobRecord& job = known_.live.at(number);
    cli::apply(event, job);
    if (transfer::has_ended(job.state)) {
        job.ended_ms = 1'790'000'060'000;
        known_.ended.insert(known_.ended.begin(), job);
        known_.live.erase(number);
    } else if (job.state == transfer::JobState::Running && job.attempts == 0) {
        job.attempts = 1;
    }
}

void StandInDaemon::happen(std::uint32_t job, const transfer::Event& event) {
    if (loop_) {
        loop_->run([this, job, &event] { update(job, event); });
    } else {
        update(job, event);
    }
}

void StandInDaemon::say(std::uint32_t job, const transfer::Event& event) {
    happen(job, event);
    say(job, transfer::to_json(event));
}

void StandInDaemon::say(std::uint32_t job, const std::string& json) {
    loop_->run([this, job, &json] { loop_->object->emit("Event", job, json); });
}

void StandInDaemon::put(const transfer::JobRecord& job) {
    const auto add = [this, &job] {
        if (transfer::has_ended(job.state)) {
            known_.ended.insert(known_.ended.begin(), job);
        } else {
            known_.live[job.number] = job;
        }
    };
    loop_->run(add);
}

void StandInDaemon::forget(std::uint32_t job) {
    known_.live.erase(job);
}

void StandInDaemon::leave() {
    loop_.reset();
}

void StandInDaemon::come_back() {
    loop_ = std::make_unique<Loop>(*this, address_);
}

std::vector<std::string> on(const TestBus& bus, const std::vector<std::string>& command) {
    std::vector<std::string> all{"/usr/bin/env", "DBUS_SYSTEM_BUS_ADDRESS=" + bus.address()};
    for (const std::string name : {"http_proxy", "https_proxy", "all_proxy", "no_proxy",
                                   "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"}) {
        all.insert(all.begin() + 1, {"-u", name});
    }
    all.insert(all.end(), command.begin(), command.end());
    return all;
}

} // namespace slipway::tests
