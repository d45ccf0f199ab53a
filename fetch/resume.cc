// RFC 9110 §14 (range requests), §13.1.5 (If-Range); reference cases: faults S1–S5, S14.

#include "fetch/resume.hh"

#include "base/error.hh"
#include "base/quoted.hh"
#include "fetch/retry.hh"

namespace slipway::fetch {
namespace {

bool is_redirect(int status) noexcept {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

bool is_encoded(const Response& response) noexcept {
    return !response.content_encoding.empty() && response.content_encoding != "identity";
}

// Both validators count where both are there; a 206 to If-Range may leave Last-Modified out, but
// not the ETag that the whole would have (RFC 9110 §15.3.7).
bool contradicts(const Progress& progress, const Response& response) {
    if (progress.validator.starts_with('"')) {
        return !response.etag.empty() && response.etag != progress.validator;
    }
    return !response.last_modified.empty() && response.last_modified != progress.validator;
}

Decision start_over(std::string reason) {
    return {Action::StartOver, std::move(reason)};
}

Decision continue_with(const Progress& progress, const Response& response) {
    const auto range = parse_content_range(response.content_range);
    if (!range) {
        return start_over(fmt::format("the server answered 206 with the range {}",
                                      quoted(response.content_range)));
    }
    const std::uint64_t end = range->last + 1;
    const auto total = range->total ? range->total : progress.total_bytes;
    if (range->first != progress.had_bytes || (total && end != *total)) {
        return start_over(fmt::format("asked for everything from byte {}, the server sent {}",
                                      progress.had_bytes, quoted(response.content_range)));
    }
    if (progress.total_bytes && end != *progress.total_bytes) {
        return start_over(
            fmt::format("the file had {} bytes and has {} now", *progress.total_bytes, end));
    }
    if (contradicts(progress, response) || is_encoded(response)) {
        return start_over("the server has another version of the file now");
    }
    return {Action::Take, ""};
}

Decision skip_again(const Progress& progress, const Response& response) {
    const bool other_length = response.length_bytes && progress.total_bytes &&
                              *response.length_bytes != *progress.total_bytes;
    if (strong_validator(response) != progress.validator || other_length || is_encoded(response)) {
        return start_over("the server has another version of the file now");
    }
    if (progress.skipped_before) {
        return {Action::Refuse,
                fmt::format("the server sends the file from its start whatever it is asked for, "
                            "and the connection was cut again after {}",
                            amount(progress))};
    }
    return {Action::Skip, ""};
}

Decision decide_rest(const Progress& progress, const Response& response) {
    switch (response.status) {
    case 206:
        return continue_with(progress, response);
    case 200:
    case 203:
        return skip_again(progress, response);
    case 416: {
        const auto total = parse_unsatisfied_range(response.content_range);
        const bool have_all = total == progress.had_bytes &&
                              progress.total_bytes.value_or(progress.had_bytes) == total;
        return have_all ? Decision{Action::Complete, ""}
                        : start_over(
                              fmt::format("the server knows nothing behind {}", amount(progress)));
    }
    default:
        return {Action::Lost, fmt::format("the server answered {} after {} had come",
                                          response.status, amount(progress))};
    }
}

} // namespace

Decision decide(const Progress& progress, const Response& response) {
    if (is_redirect(response.status) && !response.location.empty()) {
        return {Action::Redirect, ""};
    }
    if (is_busy(response.status)) {
        return {Action::ComeAgain, fmt::format("the server answered {}", response.status)};
    }
    if (progress.had_bytes > 0) {
        return decide_rest(progress, response);
    }
    switch (response.status) {
    case 200:
    case 203:
        return {Action::Take, ""};
    case 206:
        return {Action::Refuse, "the server answered 206 (a part) to a request for the whole"};
    default:
        return {Action::Conclude, ""};
    }
}

bool is_about_head(int status) noexcept {
    return status == 400 || status == 403 || status == 405 || status == 501;
}

Progress begin_progress(const Response& response) {
    Progress progress;
    progress.total_bytes = response.length_bytes;
    if (is_encoded(response)) {
        progress.not_resumable =
            fmt::format("the server encodes it ({})", quoted(response.content_encoding));
        return progress;
    }
    progress.validator = strong_validator(response);
    if (progress.validator.empty()) {
        progress.not_resumable = "the server gives no strong validator (ETag, Last-Modified)";
    }
    return progress;
}

std::string amount(const Progress& progress) {
    return progress.total_bytes
               ? fmt::format("{} of {} bytes", progress.had_bytes, *progress.total_bytes)
               : fmt::format("{} bytes of an unknown total", progress.had_bytes);
}

} // namespace slipway::fetch
