// slipway log NAME

#include <fmt/format.h>

#include "cli/commands.hh"
#include "cli/machines.hh"
#include "spawn/console_link.hh"
#include "spawn/console_text.hh"
#include "toolbox/machine.hh"

namespace slipway::cli {
namespace {

void print(Console& console, std::string_view text) {
    if (!text.empty()) {
        print_result(console,
                     console.out_is_terminal ? spawn::plain_text(text) : std::string(text));
    }
}

// On a terminal line by line, since a sequence is cut nowhere else.
void follow(spawn::ConsoleLink& link, Console& console) {
    std::string text;
    while (const std::optional<spawn::ConsoleMessage> message = link.next()) {
        text += message->bytes;
        const std::size_t end = console.out_is_terminal ? text.rfind('\n') + 1 : text.size();
        print(console, std::string_view(text).substr(0, end));
        text.erase(0, end);
    }
    print(console, text);
}

} // namespace

int cmd_log(const Invocation& asked, Console& console) {
    const std::string& name = asked.operands.front();
    const spawn::Registry machines = open_machines(console);
    const spawn::MachineRecord machine = find_machine(machines, name);
    if (asked.options.machine.follow) {
        refuse_unit(machine, fmt::format("follow it with 'journalctl -f -u {}'", machine.unit));
        spawn::ConsoleLink link(machines.directory_of(name));
        print(console, spawn::last_lines_of(link.past(), asked.options.lines));
        follow(link, console);
        return 0;
    }
    const auto lines = static_cast<int>(asked.options.lines);
    print(console, spawn::last_lines_of(toolbox::open_machine(machine)->last_output(lines),
                                        asked.options.lines));
    return 0;
}

} // namespace slipway::cli
