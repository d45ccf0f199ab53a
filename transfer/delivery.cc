// When slipway-fetch fails or dies, the pipe ends too early and slipway-unpack complains of a
// truncated archive: an echo. So the keeper holds a reading end of the pipe: as soon as poll(2)
// says that nobody writes to it any more, slipway-fetch has the first word about a failure.

#include "transfer/delivery.hh"

#include <array>
#include <chrono>
#include <utility>
#include <variant>

#include <poll.h>

#include "base/error.hh"
#include "base/quoted.hh"
#include "base/size.hh"
#include "base/wait.hh"

namespace slipway::transfer {
namespace {

using Clock = std::chrono::steady_clock;

// How often a silent line is reported on.
constexpr std::chrono::milliseconds kIdle{500};

template <typename... Cases>
struct Overloaded : Cases... {
    using Cases::operator()...;
};
template <typename... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

[[noreturn]] void raise(const fetch::Failure& failure) {
    throw Error(failure.kind, "{}", relayed(failure.text));
}

Amounts amounts(const pull::UnpackDone& done) {
    if (const auto* disk = std::get_if<pull::UnpackedDisk>(&done.what)) {
        return {done.packed_bytes, disk->size_bytes, std::nullopt};
    }
    const auto& tree = std::get<pull::Unpacked>(done.what);
    return {done.packed_bytes, tree.unpacked_bytes, tree.entries};
}

Amounts amounts(const pull::UnpackProgress& progress, pull::Work work) {
    Amounts so_far{progress.packed_bytes, progress.unpacked_bytes, std::nullopt};
    if (work == pull::Work::Tree) {
        so_far.entries = progress.entries;
    }
    return so_far;
}

// The two programs of one download, and what they have said so far.
class Listener {
public:
    Listener(pull::Unpacker& unpacker, pull::Work work, const Target& target, Download* download,
             Report& report, std::stop_token stop)
        : unpacker_(unpacker), work_(work), target_(target), download_(download), report_(report),
          stop_(std::move(stop)), fetched_(download == nullptr) {}

    std::optional<pull::UnpackDone> run() {
        while (!changed_ && !(done_ && fetched_)) {
            wait();
        }
        if (changed_) {
            return std::nullopt;
        }
        check_sizes();
        return std::move(done_);
    }

private:
    void wait() {
        std::array<pollfd, 2> fds{
            pollfd{done_ ? -1 : unpacker_.socket(), POLLIN, 0},
            pollfd{fetched_ ? -1 : download_->fetcher.socket(), POLLIN, 0},
        };
        if (poll_fds(fds, stop_, Clock::now() + kIdle) == 0) {
            report_.idle(Clock::now());
        }
        if (fds[1].revents != 0) {
            hear_fetch();
        }
        if (fds[0].revents != 0 && !changed_) {
            hear_unpack();
        }
    }

    void hear_fetch() {
        const Overloaded hear{
            [this](const fetch::Head& head) { expect(head); },
            [this](const fetch::Retry& retry) {
                report_.log(LogLevel::Notice, retry_line(download_->url, retry));
            },
            [this](const fetch::End& end) {
                fetched_ = true;
                fetched_bytes_ = end.size_bytes;
                if (work_ == pull::Work::Tree || work_ == pull::Work::Disk) {
                    report_.stage("unpack");
                }
            },
            [this](const fetch::Status& status) { refuse_status(download_->url, status); },
            [this](const fetch::Changed& changed) {
                changed_ = true;
                report_.log(LogLevel::Notice, relayed(changed.reason));
            },
            [](const fetch::Failure& failure) { raise(failure); },
        };
        std::visit(hear, download_->fetcher.next(stop_));
    }

    void expect(const fetch::Head& head) {
        if (head.length_bytes >= 0) {
            report_.expect(static_cast<std::uint64_t>(head.length_bytes));
        }
        if (target_.on_head) {
            target_.on_head(head);
        }
    }

    void hear_unpack() {
        const Overloaded hear{
            [this](const pull::UnpackProgress& progress) {
                report_.progress(Clock::now(), amounts(progress, work_));
            },
            [this](const pull::UnpackWarning& warning) {
                report_.log(LogLevel::Warning, relayed(warning.text));
            },
            [this](const pull::DiskAnnounced& disk) {
                if (target_.on_size) {
                    target_.on_size(disk.size_bytes);
                }
            },
            [this](const pull::UnpackDone& done) {
                done_ = done;
                report_.complete(Clock::now(), amounts(done));
            },
            [this](const pull::UnpackFailure& failure) { hear_failure(failure); },
        };
        std::visit(hear, unpacker_.next(stop_));
    }

    void hear_failure(const pull::UnpackFailure& failure) {
        while (!fetched_ && !changed_ && nobody_writes()) {
            hear_fetch();
        }
        if (!changed_) {
            judge_damage(failure);
            throw Error(failure.kind, "{}", relayed(failure.text));
        }
    }

    // Whether the publisher's digest holds says who damaged it.
    void judge_damage(const pull::UnpackFailure& failure) const {
        if (failure.digests.empty() || !target_.on_damage) {
            return;
        }
        try {
            target_.on_damage(failure.digests);
        } catch (Error& error) {
            error.add_context("{}", relayed(failure.text));
            throw;
        }
    }

    bool nobody_writes() const {
        pollfd pipe{download_->pipe.get(), 0, 0};
        return poll_fds({&pipe, 1}, stop_, Clock::now()) > 0 && (pipe.revents & POLLHUP) != 0;
    }

    // Both ends of the pipe counted. They part only when one of the two programs is at fault.
    void check_sizes() const {
        if (download_ != nullptr && done_->packed_bytes != fetched_bytes_) {
            throw Error(Kind::Internal, "slipway-fetch wrote {} bytes, slipway-unpack read {}",
                        fetched_bytes_, done_->packed_bytes);
        }
    }

    pull::Unpacker& unpacker_;
    pull::Work work_;
    const Target& target_;
    Download* download_;
    Report& report_;
    std::stop_token stop_;
    std::optional<pull::UnpackDone> done_;
    bool fetched_;
    bool changed_ = false;
    std::uint64_t fetched_bytes_ = 0;
};

} // namespace

std::string retry_line(const Url& url, const fetch::Retry& retry) {
    const std::string had =
        retry.done_bytes > 0 ? fmt::format(", {} are here", format_size(retry.done_bytes)) : "";
    return fmt::format("{}: {}; trying again in {} (attempt {}{})", quoted(url.masked()),
                       relayed(retry.reason), format_duration(retry.delay), retry.attempt, had);
}

void refuse_status(const Url& url, const fetch::Status& answer) {
    const auto kind = [&answer] {
        switch (answer.status) {
        case 404:
        case 410:
            return Kind::NotFound;
        case 401:
        case 403:
        case 407:
            return Kind::Denied;
        default:
            return Kind::Network;
        }
    }();
    const std::string who =
        answer.proxy.empty()
            ? "the server"
            : fmt::format("the server, or the proxy {} in its place,", quoted(answer.proxy));
    const std::string effective =
        answer.url == url.masked() ? "" : fmt::format(" for {}", quoted(answer.url));
    throw Error(kind, "{} answered {}{} instead of an image; nothing was stored. Check the URL",
                who, answer.status, effective);
}

Beginning begin_download(fetch::Fetcher& fetcher, const Url& url, std::uint64_t limit_bytes,
                         fetch::Cache cache, Report& report, const std::stop_token& stop) {
    Fd pipe = fetcher.start(url, limit_bytes, cache);
    for (;;) {
        fetch::Answer answer = fetcher.next(stop);
        if (auto* head = std::get_if<fetch::Head>(&answer)) {
            return Download{fetcher, url, std::move(pipe), std::move(*head)};
        }
        if (const auto* retry = std::get_if<fetch::Retry>(&answer)) {
            report.log(LogLevel::Notice, retry_line(url, *retry));
        } else if (const auto* status = std::get_if<fetch::Status>(&answer)) {
            return *status;
        } else if (const auto* failure = std::get_if<fetch::Failure>(&answer)) {
            raise(*failure);
        } else if (const auto* changed = std::get_if<fetch::Changed>(&answer)) {
            report.log(LogLevel::Notice, relayed(changed->reason));
            return *changed;
        } else {
            throw Error(Kind::Internal, "slipway-fetch ended without a head");
        }
    }
}

pull::UnpackDone unpack_input(int input, const pull::UnpackRequest& request, const Target& target,
                              Report& report, const std::stop_token& stop) {
    pull::Unpacker unpacker(request, target.fd, input, target.scratch, target.copy, target.keep);
    return *Listener(unpacker, request.work, target, nullptr, report, stop).run();
}

std::optional<pull::UnpackDone> unpack_download(Download download,
                                                const pull::UnpackRequest& request,
                                                const Target& target, Report& report,
                                                const std::stop_token& stop) {
    pull::Unpacker unpacker(request, target.fd, download.pipe.get(), target.scratch, target.copy,
                            target.keep);
    if (target.on_head) {
        target.on_head(download.head);
    }
    try {
        return Listener(unpacker, request.work, target, &download, report, stop).run();
    } catch (Error& error) {
        const bool content = error.kind() == Kind::Corrupt || error.kind() == Kind::Unsupported;
        if (content && download.head.url != download.url.masked()) {
            error.add_context("what {} sent", quoted(download.head.url));
        }
        throw;
    }
}

} // namespace slipway::transfer
