// The order of attempts; what each answer means is decided in resume.cc.

#include "fetch/download.hh"

#include <utility>

#include "base/error.hh"
#include "base/quoted.hh"
#include "base/url.hh"

namespace slipway::fetch {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

Download::Download(Session& session, Job job)
    : session_(session), request_(std::move(job.request)), pipe_(std::move(job.pipe)),
      method_(request_.head_only ? Method::Head : Method::Get), asked_(request_.url) {}

std::optional<Answer> Download::advance() {
    try {
        pipe_.flush();
        return step();
    } catch (const Error& error) {
        return Failure{error.kind(), fmt::format("{}: {}", described(), error.what())};
    }
}

std::optional<Answer> Download::step() {
    for (;;) {
        if (end_) {
            pipe_.flush();
            return pipe_.is_empty() ? std::move(end_) : std::nullopt;
        }
        if (!exchange_) {
            if (Clock::now() < not_before_) {
                return std::nullopt;
            }
            begin_attempt();
            return std::nullopt;
        }
        exchange_->go_on();
        const std::optional<Got> got = exchange_->result();
        if (!got) {
            return std::nullopt;
        }
        exchange_.reset();
        session_.answered = session_.answered || got->answered;
        if (got->answered && decision_.action == Action::Redirect) {
            follow(got->redirect_url);
        } else if (got->answered && method_ == Method::Head && is_about_head(response_.status)) {
            method_ = Method::Get; // its body is let go
            ask();
        } else if (auto answer = end_attempt(*got)) {
            return answer;
        }
    }
}

std::optional<Answer> Download::end_attempt(const Got& got) {
    Failed failed;
    std::optional<Answer> answer = conclude(got, failed);
    if (!answer) {
        come_again(failed);
    } else if (std::holds_alternative<End>(*answer)) {
        end_ = std::move(answer);
        return std::nullopt;
    }
    return answer;
}

void Download::come_again(const Failed& failed) {
    const Settings& settings = session_.settings;
    failures_ = progress_.had_bytes > had_before_ ? 1 : failures_ + 1;
    if (!is_retried(failed.trouble, session_.answered)) {
        const bool unreachable = failed.trouble == Trouble::Unreachable;
        throw Error(Kind::Network, "{}{}", failed.reason,
                    unreachable ? "; check the address and this machine's network" : "");
    }
    if (failures_ > settings.retries) {
        throw Error(Kind::Network,
                    "{}; gave up after {} retries without progress, with {}; try again later",
                    failed.reason, settings.retries, amount(progress_));
    }
    if (failures_ > 1) {
        found_at_.clear(); // perhaps the redirect leads to a better place now
    }
    const milliseconds delay = retry_delay(failures_, settings.retry, failed.retry_after);
    not_before_ = Clock::now() + delay;
    session_.control.answer(request_.id,
                            Retry{failures_, delay, failed.reason, progress_.had_bytes});
}

void Download::begin_attempt() {
    had_before_ = progress_.had_bytes;
    short_cut_ = !found_at_.empty() && found_at_ != request_.url;
    asked_ = short_cut_ ? found_at_ : request_.url;
    hops_ = 0;
    ask();
}

void Download::ask() {
    proxy_ = pick_proxy(session_.proxies, asked_);
    Ask what{method_, asked_, proxy_, {}, progress_.validator, request_.no_cache};
    if (progress_.had_bytes > 0) {
        what.from_bytes = progress_.had_bytes;
    }
    exchange_ = session_.client.begin(what, *this);
}

void Download::follow(const std::string& redirect_url) {
    if (hops_ == session_.settings.max_redirects) {
        throw Error(Kind::Network, "redirected more than {} times, last to {}", hops_,
                    quoted(mask_urls(redirect_url)));
    }
    if (redirect_url.empty()) {
        throw Error(Kind::Network, "redirected to {}, which is no URL",
                    quoted(mask_urls(response_.location)));
    }
    ++hops_;
    asked_ = follow_redirect(request_.url, asked_, redirect_url);
    ask();
}

bool Download::on_header(const Response& response) {
    response_ = response;
    decision_ = decide(progress_, response);
    skip_bytes_ = 0;
    switch (decision_.action) {
    case Action::Take:
        if (progress_.had_bytes == 0) {
            begin(response);
        } else if (const auto range = parse_content_range(response.content_range)) {
            progress_.total_bytes = range->last + 1;
        }
        return !request_.head_only;
    case Action::Skip:
        skip_bytes_ = progress_.had_bytes;
        progress_.skipped_before = true;
        return true;
    default:
        return false;
    }
}

void Download::begin(const Response& response) {
    progress_ = begin_progress(response);
    found_at_ = asked_;
    const std::uint64_t limit = request_.limit_bytes;
    if (limit > 0 && progress_.total_bytes.value_or(0) > limit) {
        throw Error(Kind::Limit, "it has {} bytes, the limit is {}", *progress_.total_bytes, limit);
    }
    Head head{.status = response.status,
              .url = mask_urls(asked_),
              .etag = response.etag,
              .last_modified = std::nullopt,
              .content_type = response.content_type,
              .content_encoding = response.content_encoding,
              .open_ended = response.open_ended};
    if (progress_.total_bytes) {
        head.length_bytes = static_cast<std::int64_t>(*progress_.total_bytes);
    }
    if (const auto modified = parse_http_date(response.last_modified)) {
        head.last_modified = modified->time_since_epoch().count();
    }
    session_.control.answer(request_.id, head);
}

bool Download::on_body(Bytes data) {
    if (data.size() <= skip_bytes_) {
        skip_bytes_ -= data.size();
        return true;
    }
    const Bytes fresh = data.subspan(skip_bytes_);
    const std::uint64_t had = progress_.had_bytes + fresh.size();
    if (request_.limit_bytes > 0 && had > request_.limit_bytes) {
        throw Error(Kind::Limit, "more than {} bytes came, which is the limit",
                    request_.limit_bytes);
    }
    if (progress_.total_bytes && had > *progress_.total_bytes) {
        throw Error(Kind::Network, "the server sends more than the {} bytes that it announced",
                    *progress_.total_bytes);
    }
    if (!pipe_.take(fresh)) {
        return false;
    }
    skip_bytes_ = 0;
    progress_.had_bytes = had;
    return true;
}

Deadline Download::deadline() const {
    if (end_) {
        return std::nullopt;
    }
    return exchange_ ? exchange_->deadline() : Deadline(not_before_);
}

pollfd Download::waker() const noexcept {
    const short room = pipe_.is_empty() ? 0 : POLLOUT;
    return {pipe_.fd(), room, 0};
}

std::optional<Answer> Download::conclude(const Got& got, Failed& failed) {
    if (!got.answered) {
        failed = {got.trouble, got.reason, {}};
        return std::nullopt;
    }
    switch (decision_.action) {
    case Action::Take:
    case Action::Skip:
        return conclude_body(got, failed);
    case Action::Complete:
        return End{progress_.had_bytes};
    case Action::ComeAgain:
        failed = {Trouble::Busy, decision_.reason,
                  parse_retry_after(response_.retry_after, response_.date)};
        return std::nullopt;
    case Action::Conclude:
    case Action::Lost:
        return conclude_without_body(failed);
    case Action::StartOver:
        return Changed{decision_.reason};
    case Action::Redirect: // followed before
    case Action::Refuse:
        break;
    }
    throw Error(Kind::Network, "{}", decision_.reason);
}

std::optional<Answer> Download::conclude_body(const Got& got, Failed& failed) {
    if (request_.head_only) {
        return End{0};
    }
    if (got.trouble == Trouble::None) {
        if (skip_bytes_ > 0) {
            return Changed{fmt::format("the file is shorter than the {} bytes that had come",
                                       progress_.had_bytes)};
        }
        if (progress_.had_bytes == progress_.total_bytes.value_or(progress_.had_bytes)) {
            return End{progress_.had_bytes};
        }
        failed = {Trouble::Cut, fmt::format("the answer ended after {}", amount(progress_)), {}};
    } else {
        failed = {got.trouble, got.reason, {}};
    }
    const bool lasting = failed.trouble == Trouble::Lasting;
    if (!lasting && progress_.had_bytes > 0 && progress_.validator.empty()) {
        return Changed{fmt::format("{}; it cannot be resumed after {}: {}", failed.reason,
                                   amount(progress_), progress_.not_resumable)};
    }
    return std::nullopt;
}

std::optional<Answer> Download::conclude_without_body(Failed& failed) {
    if (short_cut_) { // an address that has expired; the one we were given may still lead on
        found_at_.clear();
        failed = {Trouble::Cut, fmt::format("the server answered {}", response_.status), {}};
        return std::nullopt;
    }
    if (decision_.action == Action::Lost) {
        throw Error(Kind::Network, "{}", decision_.reason);
    }
    if (response_.status == 407 && !proxy_.empty()) {
        throw Error(Kind::Network, "the proxy answered 407: it wants credentials");
    }
    return Status{response_.status, mask_urls(asked_), mask_urls(proxy_)};
}

std::string Download::described() const {
    std::string text = fmt::format("cannot fetch {}", quoted(mask_urls(request_.url)));
    if (asked_ != request_.url) {
        text += fmt::format(" from {}", quoted(mask_urls(asked_)));
    }
    if (!proxy_.empty()) {
        text += fmt::format(" through the proxy {}", quoted(mask_urls(proxy_)));
    }
    return text;
}

} // namespace slipway::fetch
