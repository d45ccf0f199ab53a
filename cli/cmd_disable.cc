// slipway disable NAME...

#include "cli/boot_start.hh"
#include "cli/commands.hh"

namespace slipway::cli {

int cmd_disable(const Invocation& asked, Console& console) {
    expect_systemd("disable", asked.operands.front());
    const std::vector<std::string> units = machine_units(asked.operands);
    print_changes(toolbox::ServiceManager().disable(units), asked.options, console);
    return 0;
}

} // namespace slipway::cli
