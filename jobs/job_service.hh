// The jobs of the daemon, from the submission to the history: promised on disk, started when there
// is room, followed by their events, taken up again after whatever happened.

#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "jobs/admission.hh"
#include "jobs/config.hh"
#include "jobs/event_loop.hh"
#include "jobs/inspector.hh"
#include "jobs/job_end.hh"
#include "jobs/keeper.hh"
#include "jobs/queue.hh"
#include "jobs/schedule.hh"
#include "jobs/service.hh"
#include "jobs/stored_job.hh"
#include "jobs/sweeper.hh"
#include "jobs/worker.hh"

namespace slipway::jobs {

/// Everything on the loop's thread. The destructor lets keepers go on by themselves.
class JobService final : public Service {
public:
    struct Place {
        std::filesystem::path runtime;        ///< /run/slipway
        std::filesystem::path state;          ///< /var/lib/slipway
        std::filesystem::path cache;          ///< /var/cache/slipway
        std::vector<std::string> environment; ///< of keepers, without proxies
    };

    JobService(EventLoop& loop, Place place, Config config);
    ~JobService() override;

    void submit(Submission submission, Answer answer, Refused refused) override;
    void cancel(std::uint32_t number, std::function<void()> done, Refused refused) override;
    const std::map<std::uint32_t, transfer::JobRecord>& live() const noexcept override {
        return live_;
    }
    void history(const HistoryQuery& query,
                 std::function<void(std::vector<transfer::JobRecord>)> answer,
                 Refused refused) override;
    void list_images(const std::string& image_class,
                     std::function<void(std::vector<ListedImage>)> answer,
                     Refused refused) override;
    void find_image(const std::string& image_class, const storage::ImageName& name,
                    std::function<void(std::optional<ImageView>)> answer, Refused refused) override;
    void find_pool(const std::string& image_class, std::function<void(const PoolView&)> answer,
                   Refused refused) override;
    void inspect(const std::string& image_class, const storage::ImageName& name,
                 std::function<void(const transfer::Inspected&)> answer, Refused refused) override;
    bool has_proxies() const noexcept override { return !config_.proxies.empty(); }
    void add_observer(JobObserver& observer) override { observers_.push_back(&observer); }

    /// Until begin() every submission is refused with this.
    void set_queue_problem(std::exception_ptr problem) { queue_problem_ = std::move(problem); }
    /// Once, with what the queue holds, after the observers are there: adopts the keepers that run,
    /// ends what has ended, takes up what was interrupted, and has the pools swept.
    /// @param queue  must outlive this
    void begin(Queue& queue, std::vector<StoredJob> stored, std::uint32_t next_number);
    /// Counts for what begins from now on.
    void set_config(Config config);
    /// Whether nothing is queued, runs, or waits to be written.
    bool is_idle() const noexcept;

private:
    /// What is not shown of a live job.
    struct Work {
        transfer::Request request;
        bool has_input = false;
        bool cancel_wanted = false;
        bool ending = false; ///< its end is being written
        Fd input{};
        std::unique_ptr<Keeper> keeper{};
    };
    struct Promise {
        transfer::JobRecord record;
        Work work;
    };

    std::vector<Holding> holdings() const;
    std::vector<Contender> contenders() const;
    StoredJob stored(std::uint32_t number) const;
    std::map<std::string, std::filesystem::path> pools_of(const std::string& image_class) const;
    template <typename Found>
    void look_up(std::function<Found()> look, std::function<void(Found)> answer, Refused refused);
    void keep_promise(std::uint32_t number, const std::exception_ptr& error, const Answer& answer,
                      const Refused& refused);

    void carry_out_cancel(std::uint32_t number);

    void schedule();
    void start(std::uint32_t number);
    void start_keeper(std::uint32_t number);
    void take(std::uint32_t number, const transfer::Event& event, bool tell);
    void keeper_ended(std::uint32_t number, const KeeperEnd& end);
    void go_on(std::uint32_t number, std::variant<transfer::Ended, TakeUpAgain> next);
    void queue_again(std::uint32_t number);
    void finish(std::uint32_t number, const transfer::Ended& end);
    void announce_end(const transfer::JobRecord& job);
    void record_again();

    void recover_job(StoredJob job, std::map<std::string, JobDirectory>& directories);
    void finish_unreadable(StoredJob job, const Error& error);
    void look_after(std::uint32_t number, JobDirectory directory);
    void recover_unknown(JobDirectory directory);

    EventLoop& loop_;
    Queue* queue_ = nullptr; ///< none before begin()
    std::exception_ptr queue_problem_;
    Place place_;
    Config config_;
    std::vector<JobObserver*> observers_;
    std::map<std::uint32_t, transfer::JobRecord> live_;
    std::map<std::uint32_t, Work> work_;            ///< of the same jobs
    std::map<std::uint32_t, Promise> promised_;     ///< on their way to the disk
    std::map<std::uint32_t, StoredJob> unrecorded_; ///< ended; the disk would not take it
    std::uint32_t next_number_ = 1;
    Sweeper sweeper_;
    Inspector inspector_;
    Watch record_again_;
    Worker lister_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

} // namespace slipway::jobs
