// --dry-run: what a pull finds out before the image's first byte. Nothing is made: no pool, no
// lock, no staging; the image is asked for by HEAD.

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/quoted.hh"
#include "base/size.hh"
#include "base/url.hh"
#include "storage/target.hh"
#include "transfer/image_name.hh"
#include "transfer/inquest.hh"
#include "transfer/job.hh"
#include "transfer/library.hh"
#include "transfer/preflight.hh"
#include "transfer/siblings.hh"
#include "transfer/stored.hh"
#include "transfer/supply.hh"
#include "verify/discovery.hh"
#include "verify/remembering_library.hh"

namespace slipway::transfer {
namespace {

class Rehearsal {
public:
    explicit Rehearsal(const Job& job)
        : job_(job), url_(Url::parse(job.request.url)), inquest_(job),
          name_(settle_name(job.request)),
          pool_(storage::Pool::find(job.request.pool, job.request.image_class)) {
        check_pool();
        check_name();
        check_space(volume(), std::nullopt);
        supply_.emplace(job, url_);
    }

    Ended run() {
        ProgramLibrary programs(*supply_, fetch::Cache::Use, inquest_.checker(), job_.report,
                                job_.stop);
        verify::RememberingLibrary library(programs);
        verify::Judge judge = inquest_.judge(url_);
        job_.report.stage("verify");
        gather(judge, library);
        inquest_.check_freshness(judge.statement());
        const std::vector<std::string> beside = find_siblings();
        const cache::Entry* kept = supply_->kept().find_image(judge.expected(), [this] {
            return find_validators(*supply_, url_, fetch::Cache::Use);
        });
        const std::optional<std::uint64_t> size =
            kept != nullptr ? kept->size_bytes() : size_of_image();
        if (!brings_disk(job_.request.verb)) {
            check_space(volume(), size);
        } else if (size) {
            doubt(*size);
        }
        return tell(size, kept != nullptr, beside);
    }

private:
    void gather(verify::Judge& judge, verify::Library& library) {
        try {
            judge.gather(library);
        } catch (Error& error) {
            supply_->kept().explain(error);
            throw;
        }
    }

    // As storage::Pool::open() does, except that nothing is made.
    void check_pool() {
        const std::filesystem::path& path = job_.request.pool;
        if (!pool_) {
            around_ = storage::Pool::find((path / "").parent_path().parent_path());
            if (!around_) {
                throw Error(Kind::NotFound,
                            "the pool {} does not exist, nor the directory that it "
                            "would be made in; nothing was stored",
                            quoted(path.string()));
            }
        }
        if (::faccessat(place().fd(), ".", W_OK | X_OK, AT_EACCESS) < 0) {
            throw errno_error("cannot write to the pool {}", quoted(path.string()));
        }
        if (const auto note = pool_ ? pool_->note() : std::nullopt) {
            job_.report.log(LogLevel::Notice, *note);
        }
    }

    void check_name() {
        const auto kind =
            brings_disk(job_.request.verb) ? storage::ImageKind::Disk : storage::ImageKind::Tree;
        const auto target = pool_ ? storage::find_target(*pool_, name_, kind) : std::nullopt;
        if (target && !job_.request.force) {
            throw Error(Kind::Exists,
                        "image {} exists ({} {}); nothing was changed. Use --force to replace it, "
                        "or give another name",
                        quoted(name_.text()), storage::word(target->type),
                        quoted((pool_->path() / target->file_name).string()));
        }
        replaces_ = target.has_value();
    }

    /// The pool, or where it would be made.
    const storage::Pool& place() const { return pool_ ? *pool_ : *around_; }
    Volume volume() const { return {place().file_system(), place().space()}; }

    void doubt(std::uint64_t size_bytes) const {
        const std::string words = doubt_of_disk(volume(), size_bytes);
        if (!words.empty()) {
            job_.report.log(LogLevel::Notice, words);
        }
    }

    std::variant<std::optional<std::uint64_t>, fetch::Status> look(const Url& url) {
        if (url.is_file()) {
            std::error_code error;
            const std::uint64_t size = std::filesystem::file_size(url.path(), error);
            if (error) {
                return fetch::Status{404, url.masked(), ""};
            }
            return std::optional(size);
        }
        const auto answer = supply_->look(url, fetch::Cache::Use);
        if (const auto* status = std::get_if<fetch::Status>(&answer)) {
            return *status;
        }
        const std::int64_t length = std::get<fetch::Head>(answer).length_bytes;
        return length < 0 ? std::nullopt
                          : std::optional<std::uint64_t>(static_cast<std::uint64_t>(length));
    }

    std::vector<std::string> find_siblings() {
        std::vector<std::string> found;
        for (const storage::Sibling kind : wanted_siblings(job_.request, inquest_.policy().mode)) {
            const std::string name = remote_sibling_name(url_, kind, job_.request.verb);
            if (!name.empty() && has_sibling(name)) {
                found.push_back(quoted(name));
            }
        }
        return found;
    }

    bool has_sibling(const std::string& name) {
        try {
            const auto answer = look(url_.sibling(name));
            const auto* status = std::get_if<fetch::Status>(&answer);
            if (status != nullptr && verify::presence(status->status) != verify::Presence::Absent) {
                throw Error(Kind::Network,
                            "the server answered {}, which says nothing about whether it is there; "
                            "nothing was stored",
                            status->status);
            }
            return status == nullptr;
        } catch (Error& error) {
            error.add_context("{}, which belongs to the image", quoted(name));
            throw;
        }
    }

    std::optional<std::uint64_t> size_of_image() {
        if (url_.is_file()) { // the words of the real way
            return open_input(url_.path(), job_.stop).size_bytes;
        }
        const auto answer = look(url_);
        if (const auto* status = std::get_if<fetch::Status>(&answer)) {
            refuse_status(url_, *status);
        }
        return std::get<0>(answer);
    }

    Ended tell(std::optional<std::uint64_t> size, bool kept,
               const std::vector<std::string>& beside) const {
        Ended ended{.outcome = Outcome::Done, .status = 0};
        ended.name = name_.text();
        ended.text = fmt::format(
            "{} would be stored in {} as a {}{}: {}{}; the pool {}{}{}; nothing was fetched "
            "or stored",
            quoted(name_.text()), quoted(job_.request.pool.string()),
            brings_disk(job_.request.verb) ? "disk" : "tree",
            replaces_ ? ", in the place of the one that is there" : "",
            size ? format_size(*size) : "an unknown size",
            kept ? " kept, none to fetch" : " to fetch", place().space(),
            pool_ ? "" : ", where it would be made",
            beside.empty() ? "" : fmt::format("; {} would come along", fmt::join(beside, ", ")));
        return ended;
    }

    const Job& job_;
    Url url_;
    Inquest inquest_;
    storage::ImageName name_;
    std::optional<storage::Pool> pool_;   ///< nothing: it is missing
    std::optional<storage::Pool> around_; ///< then the directory that it would be made in
    bool replaces_ = false;
    std::optional<Supply> supply_;
};

} // namespace

Ended rehearse_pull(const Job& job) {
    return Rehearsal(job).run();
}

} // namespace slipway::transfer
