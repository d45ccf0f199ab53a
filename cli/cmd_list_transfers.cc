// slipway list-transfers

#include "cli/commands.hh"
#include "cli/daemon.hh"
#include "cli/transfer_list.hh"

namespace slipway::cli {

int cmd_list_transfers(const Invocation& asked, Console& console) {
    const Options& options = asked.options;
    const auto jobs = Daemon::expect("list-transfers")->jobs();
    print_result(console, options.json == JsonForm::Off
                              ? transfer_list(jobs, options.legend, console.out_is_terminal)
                              : transfer_list_json(jobs, pretty_json(options, console)));
    return 0;
}

} // namespace slipway::cli
