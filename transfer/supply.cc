// One face for all ways.

#include "transfer/supply.hh"

#include <utility>

#include "base/error.hh"
#include "base/quoted.hh"

namespace slipway::transfer {
namespace {

Offer offer_of(Download download) {
    const fetch::Head& head = download.head;
    std::optional<std::uint64_t> length;
    if (head.length_bytes >= 0) {
        length = static_cast<std::uint64_t>(head.length_bytes);
    }
    std::optional<ModificationTime> modified;
    if (head.last_modified) {
        modified = ModificationTime(std::chrono::seconds(*head.last_modified));
    }
    const bool open_ended = head.open_ended;
    return {std::move(download), length, modified, open_ended};
}

} // namespace

Offer offer_of(Input input) {
    const auto length = input.size_bytes;
    const auto modified = input.modified;
    return {std::move(input), length, modified, false};
}

Supply::Supply(const Job& job, const Url& image) : job_(job), kept_(job, image) {
    const auto is_remote = [](const std::string& url) {
        return !url.empty() && !Url::parse(url).is_file();
    };
    const Request& request = job.request;
    if (request.offline) {
        return;
    }
    if (!image.is_file() || is_remote(request.checksum_url) || is_remote(request.signature_url)) {
        fetcher_.emplace(job.request.network);
    }
}

fetch::Fetcher& Supply::fetcher(const Url& url) {
    if (!fetcher_) {
        throw Error(Kind::NotFound,
                    "{} lies on a server, and --offline asks none; nothing was stored",
                    quoted(url.masked()));
    }
    return *fetcher_;
}

verify::Library::Answer Supply::document(const Url& url, std::uint64_t limit_bytes,
                                         fetch::Cache cache) {
    if (url.is_file()) { // also of a --checksum-url= beside an image that comes from a server
        return read_document(url.path(), limit_bytes);
    }
    if (kept_.is_offline()) {
        return kept_.document(url, limit_bytes);
    }
    try {
        fetch::Document document = fetcher(url).document(
            url, limit_bytes, cache, job_.stop, [&](const fetch::Retry& retry) {
                job_.report.log(LogLevel::Notice, retry_line(url, retry));
            });
        return {document.status, std::move(document.content), false};
    } catch (const Error& error) {
        if (error.kind() != Kind::Limit) {
            throw;
        }
        return {200, {}, true};
    }
}

void Supply::expect(const std::vector<verify::Library::Ahead>& next, fetch::Cache cache) {
    if (!fetcher_) {
        return;
    }
    std::vector<fetch::Wanted> wanted;
    for (const verify::Library::Ahead& ahead : next) {
        if (!ahead.url.is_file()) {
            wanted.push_back({ahead.url, ahead.limit_bytes, cache});
        }
    }
    fetcher_->expect(std::move(wanted));
}

std::variant<fetch::Head, fetch::Status> Supply::look(const Url& url, fetch::Cache cache) {
    if (kept_.is_offline()) {
        const auto file = kept_.file(url);
        if (const auto* status = std::get_if<fetch::Status>(&file)) {
            return *status;
        }
        fetch::Head head;
        head.status = 200;
        head.url = url.masked();
        head.length_bytes = static_cast<std::int64_t>(std::get<Input>(file).size_bytes.value_or(0));
        return head;
    }
    return fetcher(url).look(url, cache, job_.stop, [&](const fetch::Retry& retry) {
        job_.report.log(LogLevel::Notice, retry_line(url, retry));
    });
}

Supply::Answer Supply::ask(const Url& url, std::uint64_t limit_bytes, fetch::Cache cache) {
    if (url.is_file()) {
        return offer_of(open_input(url.path(), job_.stop));
    }
    if (kept_.is_offline()) {
        auto file = kept_.file(url);
        if (const auto* status = std::get_if<fetch::Status>(&file)) {
            return *status;
        }
        return offer_of(std::get<Input>(std::move(file)));
    }
    Beginning beginning =
        begin_download(fetcher(url), url, limit_bytes, cache, job_.report, job_.stop);
    if (auto* download = std::get_if<Download>(&beginning)) {
        return offer_of(std::move(*download));
    }
    if (const auto* status = std::get_if<fetch::Status>(&beginning)) {
        return *status;
    }
    return std::get<fetch::Changed>(std::move(beginning));
}

std::optional<pull::UnpackDone> Supply::take(Offer offer, const pull::UnpackRequest& request,
                                             const Target& target) {
    if (auto* download = std::get_if<Download>(&offer.bytes)) {
        return unpack_download(std::move(*download), request, target, job_.report, job_.stop);
    }
    const auto& input = std::get<Input>(offer.bytes);
    return unpack_input(input.fd.get(), request, target, job_.report, job_.stop);
}

std::optional<cache::Validators> find_validators(Supply& supply, const Url& url,
                                                 fetch::Cache cache) {
    const auto answer = supply.look(url, cache);
    const auto* head = std::get_if<fetch::Head>(&answer);
    return head == nullptr ? std::nullopt
                           : std::optional(cache::Validators{head->etag, head->last_modified,
                                                             head->length_bytes});
}

} // namespace slipway::transfer
