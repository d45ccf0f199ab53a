// verify: the search and the verdict of a pull, of which nothing is kept. Of a stored image the
// packed bytes are gone, and what was recorded of them is judged by what the publisher says now.

#include <filesystem>
#include <optional>
#include <string_view>
#include <utility>

#include "base/error.hh"
#include "base/quoted.hh"
#include "base/url.hh"
#include "storage/origin.hh"
#include "storage/pool.hh"
#include "transfer/image_check.hh"
#include "transfer/image_name.hh"
#include "transfer/inquest.hh"
#include "transfer/job.hh"
#include "transfer/library.hh"
#include "transfer/provenance.hh"
#include "transfer/second_look.hh"
#include "transfer/supply.hh"
#include "verify/remembering_library.hh"

namespace slipway::transfer {
namespace {

constexpr std::string_view kNotCompared =
    "judged by the digest that was recorded when it was stored: the bytes on the disk were not "
    "compared";

Ended end_of(const Job& job, const verify::Judge& judge, const Verdict& verdict,
             const stream::Digests& digests, std::string sentence) {
    const ShownDigest shown = shown_digest(digests, judge.statement().algorithm);
    job.report.verdict({std::string(word(verdict.word())), sentence, verdict.key(), shown.algorithm,
                        shown.digest});
    Ended ended{.outcome = Outcome::Done, .status = 0};
    ended.text = std::move(sentence);
    ended.digest = shown.digest;
    return ended;
}

// What lies at a URL.
class Verification {
public:
    explicit Verification(const Job& job)
        : job_(job), url_(Url::parse(job.request.url)), inquest_(job), supply_(job, url_) {}

    Ended run() {
        check_file();
        for (const fetch::Cache cache : {fetch::Cache::Use, fetch::Cache::LookAgain}) {
            if (std::optional<Ended> ended = attempt(cache)) {
                return *ended;
            }
            job_.report.log(LogLevel::Notice,
                            fmt::format("{} has changed meanwhile", quoted(url_.masked())));
            job_.report.restart();
        }
        throw Error(Kind::Network,
                    "the server's content changed twice while it was fetched. Try again later");
    }

private:
    // Before its documents: what is mistyped is not there either.
    void check_file() const {
        std::error_code error;
        if (url_.is_file() && !std::filesystem::exists(url_.path(), error)) {
            throw Error(Kind::NotFound, "there is no file {}", quoted(url_.path()));
        }
    }

    // Nothing when it has to begin anew.
    std::optional<Ended> attempt(fetch::Cache cache) {
        ProgramLibrary programs(supply_, cache, inquest_.checker(), job_.report, job_.stop);
        verify::RememberingLibrary library(programs);
        verify::Judge judge = inquest_.judge(url_);
        job_.report.stage("verify");
        judge.gather(library);
        inquest_.check_freshness(judge.statement());
        ImageCheck check(judge, inquest_.checker());
        const std::optional<stream::Digests> digests = read_image(judge, check.input(), cache);
        if (!digests) {
            return std::nullopt;
        }
        const std::optional<verify::SignatureReport> report = check.finish(job_.stop);
        const std::optional<Verdict> verdict =
            judge_with_second_look(judge, library, {*digests, report ? &*report : nullptr},
                                   job_.report, cache == fetch::Cache::Use);
        if (!verdict) {
            return std::nullopt;
        }
        return end_of(job_, judge, *verdict, *digests, verdict->sentence());
    }

    std::optional<stream::Digests> read_image(const verify::Judge& judge, int copy,
                                              fetch::Cache cache) {
        if (!url_.is_file()) {
            job_.report.stage("download");
        }
        Supply::Answer answer = supply_.ask(url_, 0, cache);
        if (const auto* status = std::get_if<fetch::Status>(&answer)) {
            refuse_status(url_, *status);
        }
        auto* offer = std::get_if<Offer>(&answer);
        if (offer == nullptr) {
            return std::nullopt;
        }
        job_.report.expect(offer->length_bytes);
        pull::UnpackRequest request{
            .work = pull::Work::Digest, .algorithms = judge.algorithms(), .name = url_.file_name()};
        if (request.algorithms.empty()) {
            request.algorithms.push_back(stream::Algorithm::Sha256);
        }
        std::optional<pull::UnpackDone> done =
            supply_.take(std::move(*offer), request, {.copy = copy});
        return done ? std::optional(std::move(done->digests)) : std::nullopt;
    }

    const Job& job_;
    Url url_;
    Inquest inquest_;
    Supply supply_;
};

// A URL that can be asked again, and the digest that was recorded with it.
struct Origin {
    Url url;
    stream::Digests digests;
};

Origin find_origin(const Request& request) {
    const storage::ImageName name = settle_name(request);
    const std::optional<storage::Pool> pool =
        storage::Pool::find(request.pool, request.image_class);
    const std::optional<storage::Image> image =
        pool ? storage::find_image(*pool, name) : std::nullopt;
    if (!image) {
        throw Error(Kind::NotFound,
                    "it is no file, and there is no image of that name in {}. See slipway "
                    "list-images",
                    quoted(request.pool.string()));
    }
    const Recorded recorded = recorded_in({storage::read_origin(*image)});
    const auto algorithm = stream::find_algorithm(recorded.algorithm);
    if (recorded.source.find("://") == std::string::npos || !algorithm) {
        throw Error(Kind::NotFound, "the image carries no record of a URL that it was pulled from, "
                                    "so there is nobody to ask");
    }
    if (recorded.source.find("…") != std::string::npos) {
        throw Error(Kind::NotFound,
                    "it came from {}, whose secrets were not recorded. Verify the whole URL",
                    quoted(recorded.source));
    }
    return {Url::parse(recorded.source), {{*algorithm, recorded.digest}}};
}

// Everything that the publisher says now has to be comparable with what was recorded.
void check_comparable(const verify::Judge& judge, const Origin& origin) {
    if (judge.image_signature() != nullptr) {
        throw Error(Kind::Unsupported,
                    "the publisher signs the packed image itself, whose bytes are not kept. Verify "
                    "{} to have it fetched",
                    quoted(origin.url.masked()));
    }
    for (const stream::Algorithm algorithm : judge.algorithms()) {
        if (origin.digests.find(algorithm) == origin.digests.end()) {
            throw Error(Kind::Unsupported,
                        "the publisher gives a {} digest, and another one was recorded when the "
                        "image was stored. Verify {} to have it fetched",
                        stream::display_name(algorithm), quoted(origin.url.masked()));
        }
    }
}

Ended verify_recorded(const Job& job, const Origin& origin) {
    const Inquest inquest(job);
    Supply supply(job, origin.url);
    ProgramLibrary programs(supply, fetch::Cache::Use, inquest.checker(), job.report, job.stop);
    verify::RememberingLibrary library(programs);
    verify::Judge judge = inquest.judge(origin.url);
    job.report.stage("verify");
    judge.gather(library);
    inquest.check_freshness(judge.statement());
    check_comparable(judge, origin);
    const std::optional<Verdict> verdict =
        judge_with_second_look(judge, library, {origin.digests}, job.report, false);
    return end_of(job, judge, *verdict, origin.digests,
                  fmt::format("{}; {}", verdict->sentence(), kNotCompared));
}

Ended verify_stored(const Job& job) {
    const Origin origin = find_origin(job.request);
    Request request = job.request;
    request.url = origin.url.text();
    const Job asked{request, job.report, job.stop, job.now};
    try {
        return verify_recorded(asked, origin);
    } catch (Error& error) {
        error.add_context("asking {}", quoted(origin.url.masked()));
        if (error.verdict() == VerdictWord::DigestMismatch) {
            error.add_advice(fmt::format("; {}. The publisher may have another version there by "
                                         "now",
                                         kNotCompared));
        }
        throw;
    }
}

} // namespace

Ended verify_image(const Job& job) {
    return job.request.url.empty() ? verify_stored(job) : Verification(job).run();
}

} // namespace slipway::transfer
