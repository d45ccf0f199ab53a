// slipway bind NAME SOURCE [TARGET]

#include "base/error.hh"
#include "base/quoted.hh"
#include "cli/commands.hh"
#include "cli/machines.hh"
#include "toolbox/bind.hh"

namespace slipway::cli {

int cmd_bind(const Invocation& asked, Console& console) {
    const std::string& name = asked.operands.front();
    const spawn::Guest guest(find_machine(open_machines(console), name));
    try {
        toolbox::bind_into(guest, {.source = asked.operands[1],
                                   .target = asked.operands.back(),
                                   .read_only = asked.options.job.read_only,
                                   .make_target = asked.options.machine.make_target});
    } catch (Error& error) {
        error.add_context("binding {} into machine {}", quoted(asked.operands[1]), quoted(name));
        error.add_advice("; nothing was mounted");
        throw;
    }
    return 0;
}

} // namespace slipway::cli
