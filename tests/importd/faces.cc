// One thread for the faces, woken by an eventfd; the test's thread only posts work.

#include "tests/importd/faces.hh"

#include <array>
#include <chrono>
#include <cstdlib>
#include <exception>

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/url.hh"
#include "transfer/image_name.hh"

namespace slipway::tests {
namespace {

using transfer::JobRecord;
using transfer::JobState;

constexpr auto kPatience = std::chrono::seconds(30);

// The user of this thread alone, which the bus sees in the credentials of the socket.
void set_thread_user(uid_t uid) {
    if (::syscall(SYS_setresuid, -1, uid, -1) != 0) {
        throw errno_error("cannot become user {}", uid);
    }
}

bus::Connection open(const TestBus& bus, uid_t uid = 0) {
    ::setenv("DBUS_SYSTEM_BUS_ADDRESS", bus.address().c_str(), 1);
    if (uid == 0) {
        return bus::Connection::open_system_bus();
    }
    set_thread_user(uid);
    auto connection = bus::Connection::open_system_bus();
    set_thread_user(0);
    return connection;
}

jobs::Refusal refusal(const Error& error, std::uint32_t holder = 0) {
    return {std::make_exception_ptr(error), holder};
}

std::string name_of(const transfer::Request& request) {
    const bool is_of_pool = request.name.empty() && transfer::is_about_stored(request.verb);
    if (is_of_pool || !request.new_name.empty()) {
        return request.new_name;
    }
    return transfer::settle_name(request).text();
}

// Waits for `others` and the connection, up to `longest`.
void wait_for(const bus::Connection& connection, int other, std::chrono::milliseconds longest) {
    const bus::PollData data = connection.poll_data();
    std::array<pollfd, 2> fds{{{data.fd, data.events, 0}, {other, POLLIN, 0}}};
    auto patience = longest;
    if (data.deadline) {
        const auto now = std::chrono::steady_clock::now().time_since_epoch();
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(*data.deadline - now);
        patience = std::clamp(left, std::chrono::milliseconds(0), longest);
    }
    ::poll(fds.data(), fds.size(), static_cast<int>(patience.count()));
}

} // namespace

void RememberingService::submit(jobs::Submission submission, Answer answer, Refused refused) {
    if (breaks) {
        throw std::out_of_range("a bug of the daemon");
    }
    JobRecord job;
    job.uid = submission.uid;
    job.verb = transfer::word(submission.request.verb);
    job.source = submission.request.url.empty() ? submission.source
                                                : Url::parse(submission.request.url).masked();
    try {
        job.name = name_of(submission.request);
    } catch (const Error& error) {
        refused(refusal(error));
        return;
    }
    if (const std::uint32_t holder = find_holder(job, submission.one_per_url)) {
        refused(refusal(Error(Kind::Exists, "job {} has it", holder), holder));
        return;
    }
    const auto own = std::count_if(live_.begin(), live_.end(), [&job](const auto& entry) {
        return entry.second.uid == job.uid;
    });
    if (job.uid != 0 && static_cast<std::size_t>(own) >= jobs_of_user) {
        refused(refusal(Error(Kind::Limit, "{} jobs already", own)));
        return;
    }
    const std::uint32_t number = add(submission);
    submissions.push_back(std::move(submission));
    answer(number);
}

std::uint32_t RememberingService::find_holder(const JobRecord& job, bool one_per_url) const {
    for (const auto& [number, other] : live_) {
        if ((!job.name.empty() && other.name == job.name) ||
            (one_per_url && other.verb == job.verb && other.source == job.source)) {
            return number;
        }
    }
    return 0;
}

std::uint32_t RememberingService::add(const jobs::Submission& submission) {
    const transfer::Request& request = submission.request;
    JobRecord job;
    job.number = ++last_;
    job.verb = transfer::word(request.verb);
    job.image_class = submission.image_class;
    job.local = request.name;
    job.name = name_of(request);
    job.source = request.url.empty() ? submission.source : Url::parse(request.url).masked();
    job.verify = request.verify;
    job.uid = submission.uid;
    const auto& kept = live_.emplace(job.number, job).first->second;
    for (jobs::JobObserver* observer : observers_) {
        observer->queued(kept);
    }
    return job.number;
}

void RememberingService::say(std::uint32_t number, const transfer::Event& event) {
    JobRecord& job = live_.at(number);
    job.state = JobState::Running;
    if (const auto* progress = std::get_if<transfer::Progress>(&event)) {
        job.progress = *progress;
    }
    for (jobs::JobObserver* observer : observers_) {
        observer->event(job, event, transfer::to_json(event));
    }
}

void RememberingService::end(std::uint32_t number, const transfer::Ended& end) {
    JobRecord job = live_.at(number);
    live_.erase(number);
    job.end = end;
    job.state = end.outcome == transfer::Outcome::Done       ? JobState::Done
                : end.outcome == transfer::Outcome::Canceled ? JobState::Canceled
                                                             : JobState::Failed;
    ended_.push_back(job);
    for (jobs::JobObserver* observer : observers_) {
        observer->event(job, transfer::Event(end), transfer::to_json(transfer::Event(end)));
        observer->ended(job);
    }
}

void RememberingService::cancel(std::uint32_t number, std::function<void()> done,
                                Refused /*refused*/) {
    if (!live_.contains(number)) {
        throw Error(Kind::NotFound, "there is no job {}", number);
    }
    done();
    end(number, {.outcome = transfer::Outcome::Canceled, .status = kExitCanceled});
}

void RememberingService::history(const jobs::HistoryQuery& query,
                                 std::function<void(std::vector<JobRecord>)> answer,
                                 Refused /*refused*/) {
    std::vector<JobRecord> jobs(ended_.rbegin(), ended_.rend());
    std::erase_if(jobs, [&query](const JobRecord& job) {
        return (query.number != 0 && job.number != query.number) ||
               (query.before != 0 && job.number >= query.before);
    });
    jobs.resize(std::min<std::size_t>(jobs.size(), query.limit));
    answer(std::move(jobs));
}

void RememberingService::list_images(const std::string& image_class,
                                     std::function<void(std::vector<jobs::ListedImage>)> answer,
                                     Refused /*refused*/) {
    std::vector<jobs::ListedImage> found = images;
    std::erase_if(found, [&image_class](const jobs::ListedImage& image) {
        return !image_class.empty() && image.image_class != image_class;
    });
    answer(std::move(found));
}

void RememberingService::find_image(const std::string& image_class, const storage::ImageName& name,
                                    std::function<void(std::optional<jobs::ImageView>)> answer,
                                    Refused /*refused*/) {
    for (const jobs::ListedImage& listed : images) {
        if (listed.image_class == image_class && listed.image.name == name) {
            jobs::ImageView view{listed, listed.image.path.parent_path()};
            view.origin = "{\"url\": \"https://h/web.tar\"}";
            view.siblings = {name.text() + ".nspawn"};
            answer(view);
            return;
        }
    }
    answer(std::nullopt);
}

void RememberingService::find_pool(const std::string& /*image_class*/,
                                   std::function<void(const jobs::PoolView&)> answer,
                                   Refused /*refused*/) {
    answer(pool);
}

void RememberingService::inspect(const std::string& /*image_class*/, const storage::ImageName& name,
                                 std::function<void(const transfer::Inspected&)> answer,
                                 Refused refused) {
    if (system.host_name.empty()) {
        refused(refusal(Error(Kind::Unsupported, "{} has no system", name.text())));
    } else {
        answer(system);
    }
}

jobs::Submission make_pull(const std::string& name, const std::string& url) {
    jobs::Submission submission;
    submission.request.verb = transfer::Verb::PullTar;
    submission.request.name = name;
    submission.request.url = url;
    return submission;
}

Faces::Faces(const TestBus& bus)
    : connection_(open(bus)), authorization_(connection_),
      import1_(connection_, service_, authorization_, log_),
      machine1_(connection_, service_, authorization_,
                [](const std::string&, const importd::MachineLooker::Answer&,
                   const importd::MachineLooker::Failed& failed) {
                    failed(std::make_exception_ptr(Error(Kind::NotFound, "nobody looks here")));
                }),
      slipway_(connection_, service_, authorization_), log_control_(connection_, log_),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    connection_.request_name("io.slipway.Importd");
    connection_.request_name("org.freedesktop.import1");
    connection_.request_name("org.freedesktop.machine1");
    thread_ = std::jthread([this](const std::stop_token& stop) { loop(stop); });
}

Faces::~Faces() {
    thread_.request_stop();
    post([] {});
    thread_.join();
}

void Faces::post(std::function<void()> work) {
    {
        const std::lock_guard lock(mutex_);
        work_.push_back(std::move(work));
    }
    const std::uint64_t one = 1;
    static_cast<void>(::write(wake_.get(), &one, sizeof one));
}

void Faces::loop(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        wait_for(connection_, wake_.get(), kPatience);
        std::uint64_t count = 0;
        static_cast<void>(::read(wake_.get(), &count, sizeof count));
        std::vector<std::function<void()>> work;
        {
            const std::lock_guard lock(mutex_);
            work.swap(work_);
        }
        for (const auto& one : work) {
            one();
        }
        try {
            connection_.process();
        } catch (const Error&) {
            return; // the bus has gone
        }
    }
}

std::size_t Faces::pending_questions() {
    return with_service([this](RememberingService&) { return authorization_.pending(); });
}

Client::Client(const TestBus& bus, uid_t uid)
    : connection_(open(bus, uid)),
      import1_(connection_, "org.freedesktop.import1", "/org/freedesktop/import1"),
      machine1_(connection_, "org.freedesktop.machine1", "/org/freedesktop/machine1"),
      slipway_(connection_, "io.slipway.Importd", "/io/slipway/Importd") {}

bool Client::wait(const std::function<bool()>& enough) {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (!enough()) {
        if (std::chrono::steady_clock::now() > deadline) {
            return false;
        }
        connection_.process();
        if (!enough()) {
            wait_for(connection_, -1, std::chrono::milliseconds(200));
        }
    }
    return true;
}

Fd open_file(const std::filesystem::path& path, int flags) {
    Fd fd(::open(path.c_str(), flags | O_CLOEXEC, 0600));
    if (!fd) {
        throw errno_error("cannot open {}", path.string());
    }
    return fd;
}

} // namespace slipway::tests
