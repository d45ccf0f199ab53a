// slipway remove NAME...

#include <cstddef>
#include <memory>

#include "base/error.hh"
#include "cli/commands.hh"
#include "cli/job_request.hh"
#include "cli/way.hh"

namespace slipway::cli {
namespace {

JobResult remove_one(Way& way, const Invocation& asked, const std::string& name, Console& console,
                     SignalWatch& signals) {
    try {
        return way.run(remove_request(asked.options, name), Fd(), asked, console, signals);
    } catch (const Error& error) {
        print_error(console, error.what());
        return {error.status(), 0};
    }
}

} // namespace

int cmd_remove(const Invocation& asked, Console& console) {
    const std::unique_ptr<Way> way = choose_way(asked.options);
    SignalWatch signals;
    int status = 0;
    std::size_t tried = 0;
    for (const std::string& name : asked.operands) {
        const JobResult result = remove_one(*way, asked, name, console, signals);
        ++tried;
        status = status == 0 ? result.status : status;
        if (result.signal != 0) {
            const bool some_left = tried < asked.operands.size();
            return status == 0 && some_left ? 128 + result.signal : status;
        }
    }
    return status;
}

} // namespace slipway::cli
