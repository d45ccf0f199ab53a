// slipway help [VERB], --help, --version

#include "cli/commands.hh"
#include "cli/help.hh"

namespace slipway::cli {

int cmd_help(const Invocation& asked, Console& console) {
    if (asked.options.version) {
        print_result(console, "slipway " SLIPWAY_VERSION "\n");
        return 0;
    }
    const VerbSpec* verb = asked.operands.empty() ? nullptr : find_verb(asked.operands.front());
    print_result(console, verb == nullptr ? general_help() : verb_help(*verb));
    return 0;
}

} // namespace slipway::cli
