// slipway copy-to NAME SOURCE [TARGET], slipway copy-from NAME SOURCE [TARGET]

#include <array>
#include <csignal>
#include <optional>

#include "base/error.hh"
#include "base/quoted.hh"
#include "base/wait.hh"
#include "cli/commands.hh"
#include "cli/guest_ssh.hh"
#include "cli/machines.hh"
#include "cli/signals.hh"
#include "toolbox/joined_work.hh"
#include "toolbox/machine_copy.hh"
#include "transfer/copy_words.hh"

namespace slipway::cli {
namespace {

// Waits for its end; a signal asks for that.
std::optional<int> wait_for_end(toolbox::JoinedWork& work, SignalWatch& signals) {
    std::optional<int> asked_by;
    for (;;) {
        std::array<pollfd, 2> fds{pollfd{work.pidfd(), POLLIN, 0}, pollfd{signals.fd(), POLLIN, 0}};
        poll_fds(fds, {});
        if (fds[0].revents != 0) {
            return asked_by;
        }
        const std::optional<int> signal = signals.next();
        if (signal && *signal != SIGWINCH) {
            asked_by = signal;
            work.stop();
        }
    }
}

// A line each of what a person has to know.
std::string remarks_on(const volume::CopiedTree& copied, bool quiet) {
    std::string lines;
    for (const transfer::LogLine& line : transfer::remarks_on(copied)) {
        if (!quiet || line.level == transfer::LogLevel::Warning) {
            lines += "slipway: " + line.text + "\n";
        }
    }
    return lines;
}

int copy(const spawn::Guest& guest, const toolbox::CopyOrder& order, bool quiet, Console& console) {
    SignalWatch signals;
    toolbox::JoinedWork work([&](int stopped) {
        return remarks_on(toolbox::MachineCopy(guest, order).run(stopped), quiet);
    });
    const std::optional<int> asked_by = wait_for_end(work, signals);
    try {
        console.err.add(work.wait());
    } catch (const Canceled&) {
        print_error(console, "canceled; nothing was copied");
        return 128 + asked_by.value();
    }
    return 0;
}

} // namespace

int cmd_copy_to(const Invocation& asked, Console& console) {
    const std::string& name = asked.operands.front();
    const toolbox::CopyOrder order{.into_machine = asked.verb == Verb::CopyTo,
                                   .source = asked.operands[1],
                                   .target = asked.operands.back(),
                                   .force = asked.options.job.force};
    const spawn::MachineRecord machine = find_machine(open_machines(console), name);
    try {
        if (machine.engine == machine::EngineKind::Qemu) {
            copy_over_ssh(machine, order);
            return 0;
        }
        return copy(spawn::Guest(machine), order, asked.options.quiet, console);
    } catch (Error& error) {
        error.add_context("copying {} {} machine {}", quoted(order.source),
                          order.into_machine ? "to" : "from", quoted(name));
        error.add_advice("; nothing was copied");
        throw;
    }
}

} // namespace slipway::cli
