// pull-tar: proofs first, then the image, then the verdict, then the commit. A content that
// changes underneath, or documents that turn out to be newer than the image, make it start over
// once, past caches.

#include <optional>
#include <utility>

#include "base/error.hh"
#include "base/quoted.hh"
#include "base/url.hh"
#include "transfer/arrival.hh"
#include "transfer/delivery.hh"
#include "transfer/input.hh"
#include "transfer/job.hh"
#include "transfer/library.hh"

namespace slipway::transfer {
namespace {

class Pull {
public:
    explicit Pull(const Job& job)
        : job_(job), url_(Url::parse(job.request.url)),
          policy_(verify::parse_policy(job.request.verify)), arrival_(job),
          checker_(job.request.keyrings.empty() ? verify::system_keyrings()
                                                : job.request.keyrings) {
        arrival_.check_space(std::nullopt);
        if (!url_.is_file()) {
            fetcher_.emplace(job.request.network);
        }
    }

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
        ProgramLibrary library(fetcher_ ? &*fetcher_ : nullptr, cache, checker_, job_.report,
                               job_.stop);
        verify::Judge judge(policy_, url_, job_.now);
        job_.report.stage("verify");
        judge.gather(library);
        const std::optional<pull::UnpackDone> unpacked = deliver(judge, cache);
        if (!unpacked) {
            return std::nullopt;
        }
        const bool may_restart = cache == fetch::Cache::Use;
        const std::optional<Verdict> verdict =
            find_verdict(judge, library, unpacked->digests, may_restart);
        if (!verdict) {
            return std::nullopt;
        }
        return std::move(arrival_).commit(judge, *verdict, *unpacked, url_.masked());
    }

    std::optional<pull::UnpackDone> deliver(const verify::Judge& judge, fetch::Cache cache) {
        const pull::UnpackRequest request = arrival_.unpack_request(judge, url_.file_name());
        try {
            return url_.is_file() ? from_file(request) : from_network(request, cache);
        } catch (Error& error) {
            arrival_.explain(error);
            throw;
        }
    }

    std::optional<pull::UnpackDone> from_file(const pull::UnpackRequest& request) {
        const Input input = open_input(url_.path(), job_.stop);
        arrival_.check_space(input.size_bytes);
        job_.report.expect(input.size_bytes);
        return unpack_input(input.fd.get(), request, arrival_.root(), job_.report, job_.stop);
    }

    std::optional<pull::UnpackDone> from_network(const pull::UnpackRequest& request,
                                                 fetch::Cache cache) {
        job_.report.stage("download");
        std::optional<Download> download =
            begin_download(*fetcher_, url_, cache, job_.report, job_.stop);
        if (!download) {
            return std::nullopt;
        }
        std::optional<std::uint64_t> length;
        if (download->head.length_bytes >= 0) {
            length = static_cast<std::uint64_t>(download->head.length_bytes);
        }
        arrival_.check_space(length);
        job_.report.expect(length);
        return unpack_download(std::move(*download), request, arrival_.root(), job_.report,
                               job_.stop);
    }

    // After a mismatch the documents are looked at once more; when they say something else now
    // that does not fit either, the image is the older one and is worth fetching again.
    std::optional<Verdict> find_verdict(verify::Judge& judge, ProgramLibrary& library,
                                        const stream::Digests& digests, bool may_restart) {
        try {
            return judge.judge(digests);
        } catch (const Error& error) {
            job_.report.stage("verify");
            if (error.verdict() != VerdictWord::DigestMismatch || !judge.look_again(library)) {
                throw;
            }
        }
        try {
            return judge.judge(digests);
        } catch (const Error& error) {
            if (error.verdict() != VerdictWord::DigestMismatch || !may_restart) {
                throw;
            }
            return std::nullopt;
        }
    }

    const Job& job_;
    Url url_;
    verify::Policy policy_;
    Arrival arrival_;
    verify::SignatureChecker checker_;
    std::optional<fetch::Fetcher> fetcher_;
};

} // namespace

Ended pull_tar(const Job& job) {
    return Pull(job).run();
}

} // namespace slipway::transfer
