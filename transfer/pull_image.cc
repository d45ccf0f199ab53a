// pull-tar and pull-raw: proofs first, then what lies beside the image, then the image, then the
// verdict, then the commit. A content that changes underneath, or documents that turn out to be
// newer than what they speak of, make it start over once, past caches. Where the proofs name bytes
// that were kept, those are read instead, and judged like any others.

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>

#include <unistd.h>

#include "base/error.hh"
#include "base/quoted.hh"
#include "base/url.hh"
#include "transfer/arrival.hh"
#include "transfer/image_check.hh"
#include "transfer/inquest.hh"
#include "transfer/interrupted.hh"
#include "transfer/job.hh"
#include "transfer/keeping.hh"
#include "transfer/kept.hh"
#include "transfer/library.hh"
#include "transfer/second_look.hh"
#include "transfer/siblings.hh"
#include "transfer/stored.hh"
#include "transfer/supply.hh"
#include "verify/remembering_library.hh"

namespace slipway::transfer {
namespace {

// Why a pull has to begin anew.
enum class Again {
    Changed,      ///< on the server, while it came
    Damaged,      ///< the kept download, which was thrown away
    NoRoomToKeep, ///< the image and what is kept of it do not both fit
};

void want_sha256(pull::UnpackRequest& request) {
    auto& algorithms = request.algorithms;
    if (std::find(algorithms.begin(), algorithms.end(), stream::Algorithm::Sha256) ==
        algorithms.end()) {
        algorithms.push_back(stream::Algorithm::Sha256);
    }
}

class Pull {
public:
    explicit Pull(const Job& job)
        : job_(job), url_(Url::parse(job.request.url)), inquest_(job), arrival_(job),
          supply_((arrival_.check_space(std::nullopt), job), url_),
          wish_(job.request.keep_download && !job.request.offline ? Keeping::Wish::Yes
                                                                  : Keeping::Wish::No) {}

    // Each reason counts once.
    Ended run() {
        fetch::Cache cache = fetch::Cache::Use;
        for (;;) {
            again_ = Again::Changed;
            if (std::optional<Ended> ended = attempt(cache)) {
                return *ended;
            }
            if (again_ == Again::Changed) {
                start_past_caches(cache);
            }
            arrival_.start_over();
        }
    }

private:
    void start_past_caches(fetch::Cache& cache) {
        if (cache == fetch::Cache::LookAgain) {
            throw Error(Kind::Network, "the server's content changed twice while it was fetched; "
                                       "nothing was stored. Pull again later");
        }
        job_.report.log(LogLevel::Notice,
                        fmt::format("{} has changed meanwhile; starting over, documents included",
                                    quoted(url_.masked())));
        cache = fetch::Cache::LookAgain;
    }

    // One way through; nothing when it has to begin anew.
    std::optional<Ended> attempt(fetch::Cache cache) {
        ProgramLibrary programs(supply_, cache, inquest_.checker(), job_.report, job_.stop);
        verify::RememberingLibrary library(programs);
        verify::Judge judge = inquest_.judge(url_);
        job_.report.stage("verify");
        gather(judge, library);
        inquest_.check_freshness(judge.statement());
        const cache::Entry* kept = find_kept(judge, cache);
        Keeping keeping(job_, url_, wish_);
        Siblings siblings(job_, url_, {supply_, cache, inquest_, library, keeping},
                          arrival_.staging());
        ImageCheck check(judge, inquest_.checker());
        const auto judge_bytes = [&](const stream::Digests& digests) {
            const std::optional<verify::SignatureReport> report = check.finish(job_.stop);
            const std::int64_t signed_at = judge.statement().signed_at;
            std::optional<Verdict> verdict =
                judge_with_second_look(judge, library, {digests, report ? &*report : nullptr},
                                       job_.report, cache == fetch::Cache::Use);
            if (judge.statement().signed_at != signed_at) { // a second look may find older ones
                inquest_.check_freshness(judge.statement());
            }
            return verdict;
        };
        const std::optional<pull::UnpackDone> unpacked =
            deliver({judge, siblings, keeping, kept, check.input(), cache}, judge_bytes);
        if (!unpacked) {
            return std::nullopt;
        }
        const std::optional<Verdict> verdict = judge_bytes(unpacked->digests);
        if (!verdict || !finish(siblings, *unpacked)) {
            return std::nullopt;
        }
        Ended ended = std::move(arrival_).commit(judge, *verdict, *unpacked, url_.masked(),
                                                 siblings.brought());
        inquest_.remember(judge.statement());
        keeping.finish(*unpacked, library, *verdict);
        return ended;
    }

    void gather(verify::Judge& judge, verify::Library& library) {
        try {
            judge.gather(library);
        } catch (Error& error) {
            supply_.kept().explain(error);
            throw;
        }
    }

    // The kept download that is worth reading, if there is one.
    const cache::Entry* find_kept(const verify::Judge& judge, fetch::Cache cache) {
        return takes_kept_
                   ? supply_.kept().find_image(
                         judge.expected(), [&] { return find_validators(supply_, url_, cache); })
                   : nullptr;
    }

    // What one attempt works with.
    struct Means {
        const verify::Judge& judge;
        Siblings& siblings;
        Keeping& keeping;
        const cache::Entry* kept; ///< null: none
        int copy;                 ///< where the bytes go as well; -1: nowhere
        fetch::Cache cache;
    };

    // The image, and before it what is small.
    std::optional<pull::UnpackDone>
    deliver(const Means& means,
            const std::function<std::optional<Verdict>(const stream::Digests&)>& judge_bytes) {
        bool outdated = false;
        Target target = arrival_.target();
        target.copy = means.copy;
        target.on_damage = [&](const stream::Digests& digests) {
            outdated = !judge_bytes(digests);
        };
        try {
            if (!means.siblings.bring_small()) {
                return std::nullopt;
            }
            pull::UnpackRequest request = arrival_.unpack_request(means.judge, url_.file_name());
            return means.kept != nullptr ? read_kept(*means.kept, std::move(request), target)
                                         : download(means, std::move(request), target);
        } catch (Error& error) {
            if (outdated) {
                return std::nullopt;
            }
            if (error.kind() == Kind::NoSpace &&
                means.keeping.fills_volume_of(arrival_.staging().root())) {
                means.keeping.stop(
                    "there is not enough room for it beside the image; starting over");
                wish_ = Keeping::Wish::No;
                again_ = Again::NoRoomToKeep;
                return std::nullopt;
            }
            arrival_.explain(error);
            throw;
        }
    }

    std::optional<pull::UnpackDone> download(const Means& means, pull::UnpackRequest request,
                                             Target target) {
        job_.report.stage(url_.is_file() ? "unpack" : "download");
        job_.report.restart();
        Supply::Answer answer = supply_.ask(url_, 0, means.cache);
        if (const auto* status = std::get_if<fetch::Status>(&answer)) {
            refuse_status(url_, *status);
        }
        auto* offer = std::get_if<Offer>(&answer);
        if (offer == nullptr) {
            return std::nullopt;
        }
        arrival_.check_space(offer->length_bytes);
        job_.report.expect(offer->length_bytes);
        arrival_.keep_time(offer->modified);
        const bool open_ended = offer->open_ended;
        target.keep = means.keeping.image(offer->length_bytes);
        if (means.keeping.is_on()) {
            want_sha256(request);
            target.on_head = [&means](const fetch::Head& head) { means.keeping.heard(head); };
        }
        std::optional<pull::UnpackDone> unpacked = supply_.take(std::move(*offer), request, target);
        if (unpacked && open_ended && inquest_.policy().mode == verify::Mode::No &&
            is_plain_disk(*unpacked)) {
            job_.report.log(LogLevel::Warning,
                            "the server did not say how long the image is, and nothing vouches for "
                            "it: whether its end is missing cannot be seen");
            if (means.keeping.is_on()) {
                means.keeping.stop("it may lack its end");
            }
        }
        return unpacked;
    }

    // As a file of this host. Nothing when it is not what was kept, and has to be downloaded.
    std::optional<pull::UnpackDone> read_kept(const cache::Entry& kept, pull::UnpackRequest request,
                                              const Target& target) {
        want_sha256(request);
        request.to_the_end = true;
        job_.report.stage("unpack");
        job_.report.restart();
        job_.report.log(LogLevel::Notice,
                        fmt::format("nothing has to be downloaded: the kept download of SHA-256 {} "
                                    "is taken, and verified again",
                                    kept.sha256()));
        arrival_.check_space(kept.size_bytes());
        job_.report.expect(kept.size_bytes());
        arrival_.keep_time(supply_.kept().modified());
        kept.touch();
        const Fd content = kept.open_content();
        if (!content) {
            return give_up_kept();
        }
        try {
            auto done = unpack_input(content.get(), request, target, job_.report, job_.stop);
            return done.digests.at(stream::Algorithm::Sha256) == kept.sha256()
                       ? std::optional(std::move(done))
                       : give_up_kept();
        } catch (const Error& error) {
            // What is damaged can be wrong in every way.
            if (error.kind() == Kind::NoSpace || is_whole(content, kept)) {
                throw;
            }
            return give_up_kept();
        }
    }

    bool is_whole(const Fd& content, const cache::Entry& kept) {
        if (::lseek(content.get(), 0, SEEK_SET) < 0) {
            return false;
        }
        const pull::UnpackRequest request{.work = pull::Work::Digest,
                                          .algorithms = {stream::Algorithm::Sha256},
                                          .name = url_.file_name()};
        return unpack_input(content.get(), request, {}, job_.report, job_.stop)
                   .digests.at(stream::Algorithm::Sha256) == kept.sha256();
    }

    std::nullopt_t give_up_kept() {
        supply_.kept().discard();
        if (supply_.kept().is_offline()) {
            throw Error(Kind::Corrupt, "the kept download is damaged, and was thrown away; nothing "
                                       "was stored. Pull without --offline to have it fetched");
        }
        job_.report.log(LogLevel::Warning,
                        "the kept download is damaged: it was thrown away, and the image is "
                        "downloaded");
        takes_kept_ = false;
        again_ = Again::Damaged;
        return std::nullopt;
    }

    // What comes after the image; false when all has to be fetched again.
    bool finish(Siblings& siblings, const pull::UnpackDone& unpacked) {
        const auto* disk = std::get_if<pull::UnpackedDisk>(&unpacked.what);
        try {
            if (disk != nullptr && !siblings.bring_verity(disk->size_bytes)) {
                return false;
            }
        } catch (Error& error) {
            arrival_.explain(error);
            throw;
        }
        siblings.tell_left_out();
        return true;
    }

    const Job& job_;
    Url url_;
    Inquest inquest_;
    Arrival arrival_;
    Supply supply_;
    Keeping::Wish wish_;
    bool takes_kept_ = true;
    Again again_ = Again::Changed;
};

} // namespace

Ended pull_image(const Job& job) {
    if (std::optional<Ended> ended = find_earlier_end(job.request)) {
        return *ended;
    }
    return Pull(job).run();
}

} // namespace slipway::transfer
