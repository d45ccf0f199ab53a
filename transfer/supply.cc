// One face for both ways.

#include "transfer/supply.hh"

#include <utility>

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

Offer offer_of(Input input) {
    const auto length = input.size_bytes;
    const auto modified = input.modified;
    return {std::move(input), length, modified, false};
}

} // namespace

Supply::Supply(const Job& job, const Url& image) : job_(job) {
    const auto is_remote = [](const std::string& url) {
        return !url.empty() && !Url::parse(url).is_file();
    };
    const Request& request = job.request;
    if (!image.is_file() || is_remote(request.checksum_url) || is_remote(request.signature_url)) {
        fetcher_.emplace(job.request.network);
    }
}

Supply::Answer Supply::ask(const Url& url, std::uint64_t limit_bytes, fetch::Cache cache) {
    if (url.is_file()) {
        return offer_of(open_input(url.path(), job_.stop));
    }
    Beginning beginning =
        begin_download(*fetcher_, url, limit_bytes, cache, job_.report, job_.stop);
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

} // namespace slipway::transfer
