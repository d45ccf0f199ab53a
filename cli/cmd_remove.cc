// slipway remove NAME...

#include "base/error.hh"
#include "cli/commands.hh"
#include "cli/direct_job.hh"
#include "cli/job_request.hh"

namespace slipway::cli {
namespace {

JobResult remove_one(const Options& options, const std::string& name, Console& console,
                     SignalWatch& signals) {
    try {
        return run_direct(remove_request(options, name), kNoInput, options, console, signals);
    } catch (const Error& error) {
        print_error(console, error.what());
        return {error.status(), false};
    }
}

} // namespace

int cmd_remove(const Invocation& asked, Console& console) {
    SignalWatch signals;
    int status = 0;
    for (const std::string& name : asked.operands) {
        const JobResult result = remove_one(asked.options, name, console, signals);
        if (result.interrupted && result.status != 0) {
            return result.status;
        }
        status = status == 0 ? result.status : status;
    }
    return status;
}

} // namespace slipway::cli
