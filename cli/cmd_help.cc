// slipway help [VERB], --help, --version

#include <fmt/format.h>

#include "cli/commands.hh"
#include "cli/help.hh"

namespace slipway::cli {

int cmd_help(const Invocation& asked, Console& console) {
    if (asked.options.version) {
        console.out.add("slipway " SLIPWAY_VERSION "\n");
    } else {
        const VerbSpec* verb = asked.operands.empty() ? nullptr : find_verb(asked.operands.front());
        console.out.add(verb == nullptr ? general_help() : verb_help(*verb));
    }
    drain_result(console);
    return 0;
}

} // namespace slipway::cli
