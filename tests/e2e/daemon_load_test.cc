// Many jobs and many callers at once.

#include <atomic>
#include <cstdlib>
#include <map>
#include <random>
#include <thread>

#include <fmt/format.h>

#include "tests/catch.hh"
#include "tests/e2e/archive.hh"
#include "tests/support/daemon_client.hh"
#include "tests/support/running_daemon.hh"

using namespace slipway;
using namespace slipway::tests;
using namespace std::chrono_literals;
using transfer::JobState;

namespace {

std::string import_of(const std::string& name) {
    return fmt::format(R"("verb": "import-fs", "name": "{}", "source": "/tree")", name);
}

Fd open_tree(const TempDir& tree) {
    return Fd(::open(tree.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

// How often each job's end was told.
std::map<std::uint32_t, int> ends_told(DaemonClient& listener) {
    std::map<std::uint32_t, int> ends;
    for (const auto& [number, event] : listener.events()) {
        const std::string end = R"("event":"end")";
        ends[number] += event.find(end) != std::string::npos ? 1 : 0;
    }
    return ends;
}

void cancel_what_waits(DaemonClient& client) {
    for (const transfer::JobRecord& job : client.list()) {
        try {
            if (job.state == JobState::Queued) {
                client.cancel(job.number);
            }
        } catch (const Error& error) {
            if (error.kind() != Kind::NotFound) { // it has ended meanwhile
                throw;
            }
        }
    }
}

std::chrono::seconds duration(std::chrono::seconds usual) {
    const char* asked = std::getenv("SLIPWAY_SECONDS");
    return asked != nullptr ? std::chrono::seconds(std::atoi(asked)) : usual;
}

// One of many who call without thinking.
class Caller {
public:
    Caller(const TestBus& bus, int tree, unsigned seed)
        : client_(bus), tree_(tree), random_(seed) {}

    void call(unsigned who) {
        switch (random_() % 6) {
        case 0:
        case 1:
            submitted_.push_back(
                client_.submit(import_of(fmt::format("image-{}-{}", who, ++names_)), tree_));
            break;
        case 2:
            client_.cancel(submitted_.empty() ? 1 : submitted_.at(random_() % submitted_.size()));
            break;
        case 3:
            client_.list();
            break;
        case 4:
            client_.history(20);
            break;
        default:
            client_.submit(R"("verb": "import-fs", "name": "..")", tree_);
            break;
        }
    }

    /// Until then; what was not expected.
    std::vector<std::string> run(unsigned who, std::chrono::steady_clock::time_point until) {
        std::vector<std::string> odd;
        while (std::chrono::steady_clock::now() < until) {
            try {
                call(who);
            } catch (const Error& error) {
                const bool expected = error.kind() == Kind::NotFound || // it has ended
                                      error.kind() == Kind::InvalidArgument;
                if (!expected) {
                    odd.emplace_back(error.what());
                }
            }
        }
        return odd;
    }

    const std::vector<std::uint32_t>& submitted() const noexcept { return submitted_; }

private:
    DaemonClient client_;
    int tree_;
    std::mt19937 random_;
    std::vector<std::uint32_t> submitted_;
    int names_ = 0;
};

} // namespace

TEST_CASE("C8: two hundred jobs that are queued at once complete, few of them at a time",
          "[e2e][daemon][load]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    constexpr int kJobs = 200;
    TempDir tree;
    make_plain_tree(tree.path(), 2);
    const Fd directory = open_tree(tree);
    TestBus bus;
    RunningDaemon daemon(bus, {.config = "[Transfers]\nRunning=4\n"});
    DaemonClient client(bus);
    std::vector<std::uint32_t> numbers;
    for (int job = 0; job < kJobs; ++job) {
        numbers.push_back(client.submit(import_of(fmt::format("image-{}", job)), directory.get()));
    }
    std::size_t most_running = 0;
    for (std::vector<transfer::JobRecord> live; !(live = client.list()).empty();) {
        most_running = std::max<std::size_t>(
            most_running, static_cast<std::size_t>(std::count_if(
                              live.begin(), live.end(), [](const transfer::JobRecord& job) {
                                  return job.state == JobState::Running;
                              })));
        std::this_thread::sleep_for(20ms);
    }
    CHECK(most_running <= 4);
    for (const transfer::JobRecord& job : client.history(kJobs)) {
        INFO(job.number << ": " << job.end->text);
        CHECK(job.state == JobState::Done);
    }
    for (const auto& [number, ends] : ends_told(client)) {
        CHECK(ends == 1);
    }
    for (int job = 0; job < kJobs; ++job) {
        CHECK(std::filesystem::exists(daemon.pool() / fmt::format("image-{}", job) / "usr"));
    }
    CHECK(daemon.stop().success()); // nothing leaked, where that is watched
}

TEST_CASE("B8: thirty-two callers who call at random find no error, and no end is lost",
          "[e2e][daemon][load]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    constexpr unsigned kCallers = 32;
    TempDir tree;
    make_plain_tree(tree.path(), 2);
    const Fd directory = open_tree(tree);
    TestBus bus;
    RunningDaemon daemon(bus, {.config = "[Transfers]\nRunning=4\n"});
    DaemonClient listener(bus);
    const unsigned seed = std::random_device()();
    INFO("seed " << seed);
    std::vector<std::unique_ptr<Caller>> callers;
    for (unsigned who = 0; who < kCallers; ++who) {
        callers.push_back(std::make_unique<Caller>(bus, directory.get(), seed + who));
    }
    const auto until = std::chrono::steady_clock::now() + duration(3s);
    std::vector<std::vector<std::string>> odd(kCallers);
    {
        std::vector<std::jthread> threads;
        for (unsigned who = 0; who < kCallers; ++who) {
            threads.emplace_back([&, who] { odd[who] = callers[who]->run(who, until); });
        }
        while (std::chrono::steady_clock::now() < until) {
            listener.events();
            std::this_thread::sleep_for(10ms);
        }
    }
    for (const std::vector<std::string>& what : odd) {
        CHECK(what == std::vector<std::string>{});
    }
    cancel_what_waits(listener); // thousands by now
    while (!listener.list().empty()) {
        std::this_thread::sleep_for(20ms);
    }
    std::map<std::uint32_t, int> ends = ends_told(listener);
    std::size_t submitted = 0;
    for (const auto& caller : callers) {
        submitted += caller->submitted().size();
        for (const std::uint32_t number : caller->submitted()) {
            INFO("job " << number);
            CHECK(ends[number] == 1);
        }
    }
    CHECK(submitted > kCallers);
    callers.clear();
    CHECK(daemon.stop().success());
}
