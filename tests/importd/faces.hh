// The daemon's names on a test's bus, over a service that only remembers: what the bus makes of
// calls, and what jobs say on the bus, without any job being carried out.

#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/bus_object.hh"
#include "base/fd.hh"
#include "importd/authorization.hh"
#include "importd/import1.hh"
#include "importd/log_control.hh"
#include "importd/machine1.hh"
#include "importd/slipway_bus.hh"
#include "jobs/journal.hh"
#include "jobs/service.hh"
#include "tests/support/test_bus.hh"

namespace slipway::tests {

/// Jobs as values; they go on when the test says so.
class RememberingService final : public jobs::Service {
public:
    void submit(jobs::Submission submission, Answer answer, Refused refused) override;
    void cancel(std::uint32_t number, std::function<void()> done, Refused refused) override;
    const std::map<std::uint32_t, transfer::JobRecord>& live() const noexcept override {
        return live_;
    }
    void history(const jobs::HistoryQuery& query,
                 std::function<void(std::vector<transfer::JobRecord>)> answer,
                 Refused refused) override;
    void list_images(const std::string& image_class,
                     std::function<void(std::vector<jobs::ListedImage>)> answer,
                     Refused refused) override;
    void find_image(const std::string& image_class, const storage::ImageName& name,
                    std::function<void(std::optional<jobs::ImageView>)> answer,
                    Refused refused) override;
    void find_pool(const std::string& image_class,
                   std::function<void(const jobs::PoolView&)> answer, Refused refused) override;
    void inspect(const std::string& image_class, const storage::ImageName& name,
                 std::function<void(const transfer::Inspected&)> answer, Refused refused) override;
    bool has_proxies() const noexcept override { return false; }
    void add_observer(jobs::JobObserver& observer) override { observers_.push_back(&observer); }

    /// A job from nowhere.
    std::uint32_t add(const jobs::Submission& submission);
    void say(std::uint32_t number, const transfer::Event& event);
    void end(std::uint32_t number, const transfer::Ended& end);

    std::vector<jobs::Submission> submissions; ///< all that came, with their descriptors
    std::vector<jobs::ListedImage> images;
    jobs::PoolView pool{"/var/lib/machines"};
    transfer::Inspected system; ///< of every image; without a host name it cannot be read
    unsigned jobs_of_user = 64;
    bool breaks = false; ///< throws something that is no Error

private:
    std::uint32_t find_holder(const transfer::JobRecord& job, bool one_per_url) const;

    std::map<std::uint32_t, transfer::JobRecord> live_;
    std::vector<transfer::JobRecord> ended_;
    std::vector<jobs::JobObserver*> observers_;
    std::uint32_t last_ = 0;
};

/// A submission of root's, for RememberingService::add().
jobs::Submission make_pull(const std::string& name, const std::string& url);

/// Owns all names while it lives; a thread of its own processes its connection.
class Faces {
public:
    explicit Faces(const TestBus& bus);
    ~Faces();
    Faces(const Faces&) = delete;
    Faces& operator=(const Faces&) = delete;

    /// Runs `work` on the faces' thread and waits for it.
    template <typename Work>
    auto with_service(Work work) {
        std::packaged_task<std::invoke_result_t<Work, RememberingService&>()> task(
            [this, &work] { return work(service_); });
        auto result = task.get_future();
        post([&task] { task(); });
        return result.get();
    }

    /// Questions to polkit that wait.
    std::size_t pending_questions();
    std::size_t live_jobs() {
        return with_service([](RememberingService& service) { return service.live().size(); });
    }

private:
    void post(std::function<void()> work);
    void loop(const std::stop_token& stop);

    RememberingService service_;
    bus::Connection connection_;
    jobs::Journal log_{"slipway-importd"};
    importd::Authorization authorization_;
    importd::Import1 import1_;
    importd::Machine1 machine1_;
    importd::SlipwayBus slipway_;
    importd::LogControl log_control_;
    Fd wake_;
    std::mutex mutex_;
    std::vector<std::function<void()>> work_;
    std::jthread thread_;
};

/// A connection of the test's own.
class Client {
public:
    explicit Client(const TestBus& bus, uid_t uid = 0);

    /// A method of the manager of import1.
    template <typename... Args>
    bus::Incoming import1(const char* method, const Args&... args) {
        return import1_.call_and_wait("org.freedesktop.import1.Manager", method, {}, args...);
    }
    /// The error's name, or "" when the call succeeds.
    template <typename... Args>
    std::string import1_error(const char* method, const Args&... args) {
        return error_of_call(import1_, "org.freedesktop.import1.Manager", method, args...);
    }
    /// The same of the manager of machine1.
    template <typename... Args>
    bus::Incoming machine1(const char* method, const Args&... args) {
        return machine1_.call_and_wait("org.freedesktop.machine1.Manager", method, {}, args...);
    }
    template <typename... Args>
    std::string machine1_error(const char* method, const Args&... args) {
        return error_of_call(machine1_, "org.freedesktop.machine1.Manager", method, args...);
    }
    template <typename... Args>
    bus::Incoming slipway(const char* method, const Args&... args) {
        return slipway_.call_and_wait("io.slipway.Importd", method, {}, args...);
    }
    template <typename... Args>
    std::string slipway_error(const char* method, const Args&... args) {
        return error_of_call(slipway_, "io.slipway.Importd", method, args...);
    }

    /// Takes signals until `enough` or 30 s have passed.
    bool wait(const std::function<bool()>& enough);
    bus::Connection& connection() { return connection_; }
    bus::Peer& manager() { return import1_; }
    bus::Peer& machine1_manager() { return machine1_; }

private:
    template <typename... Args>
    std::string error_of_call(bus::Peer& peer, const char* interface, const char* method,
                              const Args&... args) {
        std::optional<std::string> name;
        peer.call(
            interface, method, {}, [&name](const bus::Incoming&) { name = ""; },
            [&name, this](const bus::Failure& failure) {
                message_ = failure.message;
                name = failure.name;
            },
            args...);
        return wait([&name] { return name.has_value(); }) ? *name : "no answer";
    }

public:
    /// Of the last error.
    const std::string& message() const { return message_; }

private:
    bus::Connection connection_;
    bus::Peer import1_;
    bus::Peer machine1_;
    bus::Peer slipway_;
    std::string message_;
};

/// The file as a descriptor.
Fd open_file(const std::filesystem::path& path, int flags);

} // namespace slipway::tests
