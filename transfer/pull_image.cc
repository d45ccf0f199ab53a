// pull-tar and pull-raw: proofs first, then what lies beside the image, then the image, then the
// verdict, then the commit. A content that changes underneath, or documents that turn out to be
// newer than what they speak of, make it start over once, past caches.

#include <functional>
#include <optional>
#include <utility>

#include "base/error.hh"
#include "base/quoted.hh"
#include "base/url.hh"
#include "transfer/arrival.hh"
#include "transfer/image_check.hh"
#include "transfer/inquest.hh"
#include "transfer/interrupted.hh"
#include "transfer/job.hh"
#include "transfer/library.hh"
#include "transfer/second_look.hh"
#include "transfer/siblings.hh"
#include "transfer/stored.hh"
#include "transfer/supply.hh"
#include "verify/remembering_library.hh"

namespace slipway::transfer {
namespace {

class Pull {
public:
    explicit Pull(const Job& job)
        : job_(job), url_(Url::parse(job.request.url)), inquest_(job), arrival_(job),
          supply_((arrival_.check_space(std::nullopt), job), url_) {}

    Ended run() {
        if (std::optional<Ended> ended = attempt(fetch::Cache::Use)) {
            return *ended;
        }
        job_.report.log(LogLevel::Notice,
                        fmt::format("{} has changed meanwhile; starting over, documents included",
                                    quoted(url_.masked())));
        arrival_.start_over();
        if (std::optional<Ended> ended = attempt(fetch::Cache::LookAgain)) {
            return *ended;
        }
        throw Error(Kind::Network, "the server's content changed twice while it was fetched; "
                                   "nothing was stored. Pull again later");
    }

private:
    // One way through; nothing when it has to begin anew.
    std::optional<Ended> attempt(fetch::Cache cache) {
        ProgramLibrary programs(supply_.fetcher(), cache, inquest_.checker(), job_.report,
                                job_.stop);
        verify::RememberingLibrary library(programs);
        verify::Judge judge = inquest_.judge(url_);
        job_.report.stage("verify");
        judge.gather(library);
        inquest_.check_freshness(judge.statement());
        Siblings siblings(job_, url_, {supply_, cache, inquest_, library}, arrival_.staging());
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
            deliver(judge, siblings, check.input(), judge_bytes, cache);
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
        return ended;
    }

    // The image, and before it what is small.
    std::optional<pull::UnpackDone>
    deliver(const verify::Judge& judge, Siblings& siblings, int copy,
            const std::function<std::optional<Verdict>(const stream::Digests&)>& judge_bytes,
            fetch::Cache cache) {
        bool outdated = false;
        Target target = arrival_.target();
        target.copy = copy;
        target.on_damage = [&](const stream::Digests& digests) {
            outdated = !judge_bytes(digests);
        };
        try {
            if (!siblings.bring_small()) {
                return std::nullopt;
            }
            return deliver_image(arrival_.unpack_request(judge, url_.file_name()), target, cache);
        } catch (Error& error) {
            if (outdated) {
                return std::nullopt;
            }
            arrival_.explain(error);
            throw;
        }
    }

    std::optional<pull::UnpackDone> deliver_image(const pull::UnpackRequest& request,
                                                  const Target& target, fetch::Cache cache) {
        job_.report.stage(url_.is_file() ? "unpack" : "download");
        job_.report.restart();
        Supply::Answer answer = supply_.ask(url_, 0, cache);
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
        std::optional<pull::UnpackDone> unpacked = supply_.take(std::move(*offer), request, target);
        if (unpacked && open_ended && inquest_.policy().mode == verify::Mode::No &&
            is_plain_disk(*unpacked)) {
            job_.report.log(LogLevel::Warning,
                            "the server did not say how long the image is, and nothing vouches for "
                            "it: whether its end is missing cannot be seen");
        }
        return unpacked;
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
};

} // namespace

Ended pull_image(const Job& job) {
    if (std::optional<Ended> ended = find_earlier_end(job.request)) {
        return *ended;
    }
    return Pull(job).run();
}

} // namespace slipway::transfer
