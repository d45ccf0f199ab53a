// Everything that is read once a job, before the first document is asked for.

#include "transfer/inquest.hh"

#include <ctime>
#include <optional>
#include <string>
#include <utility>

#include <fmt/chrono.h>

#include "base/error.hh"
#include "base/quoted.hh"

namespace slipway::transfer {
namespace {

std::optional<Url> given_url(const std::string& text) {
    return text.empty() ? std::nullopt : std::optional(Url::parse(text));
}

std::string moment(std::int64_t seconds) {
    const std::time_t time = seconds;
    std::tm parts{};
    ::gmtime_r(&time, &parts);
    return fmt::format("{:%Y-%m-%d %H:%M:%S} UTC", parts);
}

std::filesystem::path newest_directory(const Request& request) {
    return request.state.empty() ? std::filesystem::path() : request.state / "newest";
}

} // namespace

Inquest::Inquest(const Job& job)
    : job_(job), policy_(verify::parse_policy(job.request.verify)),
      keys_(job.request.keyrings.empty() ? verify::load_key_store()
                                         : verify::key_store_of(job.request.keyrings)),
      profiles_(verify::load_publisher_profiles()), checker_(keys_.files),
      newest_(newest_directory(job.request)) {
    static_cast<void>(given_url(job.request.checksum_url)); // refused before anything is made
    static_cast<void>(given_url(job.request.signature_url));
    for (const auto* warnings : {&keys_.warnings, &profiles_.warnings}) {
        for (const std::string& warning : *warnings) {
            job.report.log(LogLevel::Warning, warning);
        }
    }
}

verify::Inquiry Inquest::inquiry(const Url& file) const {
    verify::Inquiry asked{
        .policy = policy_, .image = file, .now = job_.now, .scope = keys_.scope(file)};
    asked.hints.documents = profiles_.documents(file);
    return asked;
}

verify::Judge Inquest::judge(const Url& image) const {
    verify::Inquiry asked = inquiry(image);
    asked.hints.checksum_url = given_url(job_.request.checksum_url);
    asked.hints.signature_url = given_url(job_.request.signature_url);
    return verify::Judge(std::move(asked));
}

verify::Judge Inquest::judge_sibling(const Url& sibling) const {
    verify::Inquiry asked = inquiry(sibling);
    // A document that was named for the image is the one that may list what lies beside it.
    asked.hints.checksum_url = given_url(job_.request.checksum_url);
    if (asked.hints.checksum_url) {
        asked.hints.signature_url = given_url(job_.request.signature_url);
    }
    return verify::Judge(std::move(asked));
}

void Inquest::check_freshness(const verify::Statement& statement) const {
    const std::optional<NewestSignature> newest = newest_.find(statement.freshness);
    if (statement.signed_at == 0 || !newest || newest->signed_at <= statement.signed_at) {
        return;
    }
    const std::string older = fmt::format(
        "the signature of {} is older than the one of {} that was accepted from there "
        "before: {}",
        moment(statement.signed_at), moment(newest->signed_at), quoted(statement.document));
    const bool refuse =
        job_.request.refuse_stale || keys_.scope(Url::parse(job_.request.url)).rules().refuse_stale;
    if (refuse) {
        throw Error(VerdictWord::Stale,
                    "{}; nothing was stored. Ask another mirror; if the publisher went back on "
                    "purpose, pull with --stale=warn",
                    older);
    }
    job_.report.log(LogLevel::Warning, older + "; the mirror may lag behind");
}

void Inquest::remember(const verify::Statement& statement) const {
    try {
        newest_.remember(statement.freshness,
                         {statement.signed_at, statement.key, statement.document});
    } catch (const Error& error) {
        job_.report.log(LogLevel::Debug, error.what());
    }
}

} // namespace slipway::transfer
