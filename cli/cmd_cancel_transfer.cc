// slipway cancel-transfer ID...|--all

#include <vector>

#include "base/error.hh"
#include "cli/cancellation.hh"
#include "cli/commands.hh"
#include "cli/last_lines.hh"
#include "cli/transfer_number.hh"

namespace slipway::cli {
namespace {

std::vector<std::uint32_t> numbers_of(const Invocation& asked) {
    if (asked.options.all == !asked.operands.empty()) {
        throw Error(Kind::InvalidArgument,
                    "'cancel-transfer' takes numbers of transfers or --all; expected slipway "
                    "cancel-transfer ID...|--all");
    }
    std::vector<std::uint32_t> numbers;
    for (const std::string& operand : asked.operands) {
        numbers.push_back(parse_transfer_number(operand));
    }
    return numbers;
}

// Those that wait go first: else one that ends would let the next begin.
std::vector<std::uint32_t> every_number(Daemon& daemon) {
    std::vector<std::uint32_t> waiting;
    std::vector<std::uint32_t> running;
    for (const transfer::JobRecord& job : daemon.jobs()) {
        (job.state == transfer::JobState::Queued ? waiting : running).push_back(job.number);
    }
    waiting.insert(waiting.end(), running.begin(), running.end());
    return waiting;
}

} // namespace

int cmd_cancel_transfer(const Invocation& asked, Console& console) {
    std::vector<std::uint32_t> numbers = numbers_of(asked);
    const auto daemon = Daemon::expect("cancel-transfer");
    if (asked.options.all) {
        numbers = every_number(*daemon);
    }
    SignalWatch signals;
    const JobResult result = cancel_and_wait(*daemon, numbers, console, signals);
    finish_output(console, signals, result.signal != 0);
    return result.status;
}

} // namespace slipway::cli
