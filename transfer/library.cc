// Every call starts or asks a program; every one listens to the stop.

#include "transfer/library.hh"

#include <utility>
#include <vector>

#include "base/error.hh"
#include "base/quoted.hh"
#include "base/size.hh"
#include "transfer/input.hh"

namespace slipway::transfer {

std::string retry_line(const Url& url, const fetch::Retry& retry) {
    const std::string had =
        retry.done_bytes > 0 ? fmt::format(", {} are here", format_size(retry.done_bytes)) : "";
    return fmt::format("{}: {}; trying again in {} (attempt {}{})", quoted(url.masked()),
                       relayed(retry.reason), format_duration(retry.delay), retry.attempt, had);
}

verify::Library::Answer ProgramLibrary::fetch(const Url& url, std::uint64_t limit_bytes,
                                              bool look_again) {
    if (url.is_file()) { // also of a --checksum-url= beside an image that comes from a server
        return read_document(url.path(), limit_bytes);
    }
    const fetch::Cache cache = look_again ? fetch::Cache::LookAgain : cache_;
    try {
        fetch::Document document =
            fetcher_->document(url, limit_bytes, cache, stop_, [&](const fetch::Retry& retry) {
                report_.log(LogLevel::Notice, retry_line(url, retry));
            });
        return {document.status, std::move(document.content), false};
    } catch (const Error& error) {
        if (error.kind() != Kind::Limit) {
            throw;
        }
        return {200, {}, true};
    }
}

void ProgramLibrary::expect(const std::vector<Ahead>& next, bool look_again) {
    if (fetcher_ == nullptr) {
        return;
    }
    const fetch::Cache cache = look_again ? fetch::Cache::LookAgain : cache_;
    std::vector<fetch::Wanted> wanted;
    for (const Ahead& ahead : next) {
        if (!ahead.url.is_file()) {
            wanted.push_back({ahead.url, ahead.limit_bytes, cache});
        }
    }
    fetcher_->expect(std::move(wanted));
}

verify::ChecksumFile ProgramLibrary::read(std::string_view document, std::string_view document_name,
                                          std::string_view file_name) {
    return verify::read_checksum_file(document, document_name, file_name, stop_);
}

verify::SignatureReport ProgramLibrary::check_detached(std::string_view statement,
                                                       std::string_view signature) {
    return checker_.check_detached(statement, signature, stop_);
}

verify::SignatureReport ProgramLibrary::check_clearsigned(std::string_view document) {
    return checker_.check_clearsigned(document, stop_);
}

verify::SignatureReport ProgramLibrary::foresee(std::string_view signature) {
    return checker_.foresee(signature, stop_);
}

void ProgramLibrary::seen(std::string_view name, int status, std::string_view text) {
    report_.proof({std::string(name), status, std::string(text)});
}

void ProgramLibrary::debug(std::string_view text) {
    report_.log(LogLevel::Debug, std::string(text));
}

void ProgramLibrary::warn(std::string_view text) {
    report_.log(LogLevel::Warning, std::string(text));
}

} // namespace slipway::transfer
