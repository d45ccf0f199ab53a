// All wishes go out before the first end is waited for. A job has two things to wait for, the
// answer to the wish and its end; the end may come first.

#include "cli/cancellation.hh"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "base/error.hh"
#include "base/outcome.hh"
#include "base/quoted.hh"
#include "cli/daemon_loop.hh"
#include "cli/job_event.hh"

namespace slipway::cli {
namespace {

// A keeper ends within a second; a disk that is slow may make its cleaning longer.
constexpr std::chrono::seconds kPatience{10};

struct Wish {
    bool granted = false; ///< it is on disk
    std::optional<Error> refusal;
    std::optional<transfer::Ended> end;

    bool settled() const noexcept { return refusal || (granted && end); }
};

class Cancellation {
public:
    Cancellation(Daemon& daemon, const std::vector<std::uint32_t>& numbers, Console& console,
                 SignalWatch& signals)
        : daemon_(daemon), numbers_(numbers), console_(console), loop_(daemon, console, signals) {
        for (const std::uint32_t number : numbers) {
            wishes_[number];
        }
    }

    JobResult run() {
        daemon_.listen({[this](std::uint32_t job, const std::string& event) { hear(job, event); },
                        [this](bool there) { presence(there); }});
        for (auto& [number, wish] : wishes_) {
            daemon_.cancel(
                number, [&wish = wish] { wish.granted = true; },
                [&wish = wish](const Error& error) { wish.refusal = error; });
        }
        while (!all([](const Wish& wish) { return wish.settled(); })) {
            // Until then somebody may be asked for a password.
            if (!deadline_ && all([](const Wish& wish) { return wish.granted || wish.refusal; })) {
                deadline_ = std::chrono::steady_clock::now() + kPatience;
            }
            const auto signal = loop_.round(deadline_);
            if (signal && *signal != SIGWINCH) {
                return {128 + *signal, *signal};
            }
            if (deadline_ && std::chrono::steady_clock::now() >= *deadline_) {
                break;
            }
        }
        return {report(), 0};
    }

private:
    template <typename Is>
    bool all(const Is& is) const {
        return std::all_of(wishes_.begin(), wishes_.end(),
                           [&is](const auto& entry) { return is(entry.second); });
    }

    void hear(std::uint32_t number, const std::string& json) {
        const auto wish = wishes_.find(number);
        const auto event = wish == wishes_.end() ? std::nullopt : parse_job_event(json);
        if (event && std::holds_alternative<transfer::Event>(*event)) {
            const auto& said = std::get<transfer::Event>(*event);
            if (const auto* end = std::get_if<transfer::Ended>(&said)) {
                wish->second.end = *end;
            }
        }
    }

    // A daemon that was restarted may have told an end while it was not heard.
    void presence(bool there) {
        for (auto& [number, wish] : wishes_) {
            if (there && !wish.settled()) {
                daemon_.ask_history(
                    {1, number},
                    [&wish = wish](const Daemon::Jobs& jobs) {
                        if (!jobs.empty()) {
                            wish.end = jobs.front().end;
                        }
                    },
                    [](const Error&) {}); // then the deadline tells
            }
        }
    }

    int report() {
        int status = 0;
        for (const std::uint32_t number : numbers_) {
            const auto [failure, text] = judge(number, wishes_.at(number));
            if (failure != 0) {
                print_error(console_, fmt::format("Could not cancel transfer: {}", text));
                status = status == 0 ? failure : status;
            }
        }
        return status;
    }

    // Exit status and reason; 0 when it is canceled.
    static std::pair<int, std::string> judge(std::uint32_t number, const Wish& wish) {
        if (wish.refusal) {
            return {wish.refusal->status(), wish.refusal->kind() == Kind::NotFound
                                                ? fmt::format("No transfer by id {}", number)
                                                : wish.refusal->what()};
        }
        if (!wish.end) {
            return {exit_status(Kind::Other),
                    fmt::format("transfer {} was told to end and has not within {} s; "
                                "list-transfers shows it as long as it runs",
                                number, kPatience.count())};
        }
        if (wish.end->outcome == transfer::Outcome::Done) {
            return {exit_status(Kind::Other), fmt::format("transfer {} was done already, {} is "
                                                          "stored. Remove it if it is not wanted",
                                                          number, quoted(wish.end->name))};
        }
        return {0, ""}; // canceled, or failed before the wish was heard
    }

    Daemon& daemon_;
    const std::vector<std::uint32_t>& numbers_;
    Console& console_;
    DaemonLoop loop_;
    std::map<std::uint32_t, Wish> wishes_; // questions hold references: nothing is erased
    Deadline deadline_;
};

} // namespace

JobResult cancel_and_wait(Daemon& daemon, const std::vector<std::uint32_t>& numbers,
                          Console& console, SignalWatch& signals) {
    return Cancellation(daemon, numbers, console, signals).run();
}

} // namespace slipway::cli
