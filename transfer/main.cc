// slipway-transfer, the keeper of one job: the request as a line on standard input, events on
// standard output (docs/protocol.md §1). Its exit status is that of its last event.

#include <chrono>
#include <csignal>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

#include "base/error.hh"
#include "transfer/cancel_watch.hh"
#include "transfer/event_writer.hh"
#include "transfer/features.hh"
#include "transfer/job.hh"
#include "transfer/standard_fds.hh"
#include "transfer/sync_ahead.hh"

namespace {

using namespace slipway;

// How long the last lines wait for a reader once the job was canceled.
constexpr std::chrono::milliseconds kLastLinesPatience{500};

transfer::Ended refused(const Error& error) {
    transfer::Ended ended{.outcome = transfer::Outcome::Failed, .status = error.status()};
    ended.kind = word(error.kind());
    ended.text = error.what();
    return ended;
}

// Until the request is here there is nothing to be cleaned up, and signals end the program.
transfer::Request read_request() {
    transfer::check_fd_limit();
    return transfer::parse_request(transfer::read_request_line(STDIN_FILENO));
}

int run() {
    transfer::fill_standard_fds();
    Fd passed = transfer::take_passed_fd();
    transfer::EventWriter events(STDOUT_FILENO);
    std::optional<transfer::Request> request;
    try {
        request = read_request();
    } catch (const Error& error) {
        events.put(refused(error));
        events.drain({}, kLastLinesPatience);
        return error.status();
    }
    const transfer::CancelWatch watch(STDIN_FILENO);
    transfer::Report report(events);
    const transfer::Job job{*request, report, watch.token(), std::chrono::system_clock::now()};
    const transfer::Ended ended =
        transfer::run_job(job, std::move(passed), [&watch] { return watch.signal(); });
    events.put(ended);
    events.drain(watch.token(), kLastLinesPatience);
    return ended.status;
}

} // namespace

int main(int argc, char** argv) {
    try {
        ::signal(SIGPIPE, SIG_IGN);
        if (argc == 3 && std::string_view(argv[1]) == "features") {
            fmt::print("{}\n", transfer::features_json(argv[2]));
            return 0;
        }
        if (argc == 2 && std::string_view(argv[1]) == "sync") {
            return transfer::sync_passed_file();
        }
        if (argc != 1) {
            throw Error(Kind::InvalidArgument,
                        "usage: slipway-transfer [features POOL]; it is started by slipway, and "
                        "reads its request from standard input");
        }
        return run();
    } catch (const Error& error) {
        fmt::print(stderr, "slipway-transfer: {}\n", error.what());
        return error.status();
    } catch (const std::exception& error) {
        fmt::print(stderr, "slipway-transfer: {}\n", error.what());
        return exit_status(Kind::Other);
    }
}
