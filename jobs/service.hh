// What the bus asks of the daemon: the jobs, as values, and what can be done to them. Both bus
// names stand on this. Everything here is called on the loop's thread and returns at once: what
// waits for the disk answers later, through a callback on the same thread.

#pragma once

#include <cstdint>
#include <exception>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.hh"
#include "storage/pool.hh"
#include "storage/usage.hh"
#include "transfer/event.hh"
#include "transfer/job_record.hh"
#include "transfer/request.hh"

namespace slipway::jobs {

/// What a caller submits, checked and authorised by the bus's side.
struct Submission {
    /// Without id, pool and search, which are filled in; an empty verify is the configuration's.
    transfer::Request request;
    bool own_network = false; ///< request.network counts, not the configuration: root's alone
    bool says_keep = false;   ///< request.keep_download counts, not the configuration
    std::string image_class = "machine";
    std::string source; ///< what to call the descriptor; empty: nothing is known
    Fd input;           ///< what an import reads or an export writes, close-on-exec
    std::uint32_t uid = 0;
    /// Whether a second pull of the same verb and URL is refused whatever its name (import1.md §3).
    bool one_per_url = false;
};

/// A reason why a submission was not taken, or what the queue could not do.
struct Refusal {
    std::exception_ptr error; ///< an Error
    /// The job that has the name or the URL; 0: none.
    std::uint32_t holder = 0;
};

/// How an image is listed, with the class that it was found in.
struct ListedImage {
    std::string image_class;
    storage::Image image;
    storage::Usage usage{}; ///< as far as it is known without walking a tree
};

/// One image with all that can be told of it.
struct ImageView {
    ListedImage listed;
    std::filesystem::path pool;          ///< where it was found
    std::string origin{};                ///< JSON, as it was written beside the image; empty: none
    std::vector<std::string> siblings{}; ///< file names of what lies beside it
    std::vector<std::string> used_by{};  ///< for people; who holds its lock
};

struct PoolView {
    std::filesystem::path path;
    storage::Usage usage{};
};

/// Hears what happens to jobs. The record is as it is after the event.
class JobObserver {
public:
    virtual ~JobObserver() = default;
    /// Promised: it is on disk. Called before the submission is answered, and for every live job
    /// that is found at the start.
    virtual void queued(const transfer::JobRecord& job) = 0;
    /// @param line  the event as JSON, without the newline
    virtual void event(const transfer::JobRecord& job, const transfer::Event& event,
                       std::string_view line) = 0;
    /// Once for a job, the last of it: it is recorded and live() does not hold it any more.
    virtual void ended(const transfer::JobRecord& job) = 0;
};

struct HistoryQuery {
    std::uint32_t limit = 100; ///< at most 10,000
    std::uint32_t before = 0;  ///< jobs of smaller numbers only; 0: from the newest
    std::uint32_t number = 0;  ///< this job only; 0: all
};

class Service {
public:
    using Answer = std::function<void(std::uint32_t number)>;
    using Refused = std::function<void(const Refusal&)>;

    virtual ~Service() = default;

    /// Exactly one of the two is called, later or at once; observers hear of the job first.
    /// Refused is: a bad name, URL, verify mode or limit (InvalidArgument), a name that another job
    /// brings (Exists), an image that it is about (Busy), a URL with one_per_url (Exists), too many
    /// jobs of the caller or in all (Limit), a queue that cannot be written (NoSpace and others).
    virtual void submit(Submission submission, Answer answer, Refused refused) = 0;

    /// Asks a live job to end; it is recorded before `done` is called, the end comes as ended().
    /// @throws Error NotFound: there is no such live job
    virtual void cancel(std::uint32_t number, std::function<void()> done, Refused refused) = 0;

    /// By number.
    virtual const std::map<std::uint32_t, transfer::JobRecord>& live() const noexcept = 0;

    /// Ended jobs, newest first.
    virtual void history(const HistoryQuery& query,
                         std::function<void(std::vector<transfer::JobRecord>)> answer,
                         Refused refused) = 0;

    /// Images of one class, or of all ("").
    virtual void list_images(const std::string& image_class,
                             std::function<void(std::vector<ListedImage>)> answer,
                             Refused refused) = 0;

    /// The image that a name means in a class, wherever it is found; nothing when there is none.
    virtual void find_image(const std::string& image_class, const storage::ImageName& name,
                            std::function<void(std::optional<ImageView>)> answer,
                            Refused refused) = 0;

    /// Where the images of a class are brought to.
    virtual void find_pool(const std::string& image_class,
                           std::function<void(const PoolView&)> answer, Refused refused) = 0;

    /// What the system in an image says of itself. Refused is what the keeper refuses, and Limit
    /// when too many ask.
    virtual void inspect(const std::string& image_class, const storage::ImageName& name,
                         std::function<void(const transfer::Inspected&)> answer,
                         Refused refused) = 0;

    /// Whether pulls go through a proxy of the daemon's.
    virtual bool has_proxies() const noexcept = 0;

    /// @param observer  must outlive the service
    virtual void add_observer(JobObserver& observer) = 0;
};

/// "machine", "portable", "sysext", "confext".
bool is_image_class(std::string_view word) noexcept;

} // namespace slipway::jobs
