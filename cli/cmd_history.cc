// slipway history [ID]

#include "base/error.hh"
#include "cli/commands.hh"
#include "cli/daemon.hh"
#include "cli/history_list.hh"
#include "cli/transfer_number.hh"

namespace slipway::cli {
namespace {

transfer::JobRecord ended_job(Daemon& daemon, std::uint32_t number) {
    const Daemon::Jobs found = daemon.history({1, number});
    if (!found.empty()) {
        return found.front();
    }
    for (const transfer::JobRecord& job : daemon.jobs()) {
        if (job.number == number) {
            throw Error(Kind::NotFound, "transfer {} has not ended; list-transfers shows it",
                        number);
        }
    }
    throw Error(Kind::NotFound, "No transfer by id {}", number);
}

} // namespace

int cmd_history(const Invocation& asked, Console& console) {
    const Options& options = asked.options;
    const bool pretty = pretty_json(options, console);
    if (asked.operands.empty()) {
        const auto jobs = Daemon::expect("history")->history({options.lines, 0});
        print_result(console,
                     options.json == JsonForm::Off
                         ? history_list(jobs, user_name, options.legend, console.out_is_terminal)
                         : jobs_json(jobs, pretty));
        return 0;
    }
    const std::uint32_t number = parse_transfer_number(asked.operands.front());
    const transfer::JobRecord job = ended_job(*Daemon::expect("history"), number);
    print_result(console, options.json == JsonForm::Off ? history_entry(job, user_name)
                                                        : job_json(job, pretty));
    return 0;
}

} // namespace slipway::cli
