// slipway log NAME

#include <poll.h>

#include "base/wait.hh"
#include "cli/commands.hh"
#include "cli/machines.hh"
#include "spawn/console_link.hh"
#include "spawn/console_text.hh"
#include "toolbox/journal.hh"
#include "toolbox/machine.hh"

namespace slipway::cli {
namespace {

constexpr std::chrono::milliseconds kLookForEnd{500};

void print(Console& console, std::string_view text) {
    if (!text.empty()) {
        print_result(console,
                     console.out_is_terminal ? spawn::plain_text(text) : std::string(text));
    }
}

// What comes in pieces: on a terminal line by line, since a sequence is cut nowhere else.
class Printer {
public:
    explicit Printer(Console& console) : console_(console) {}
    ~Printer() { print(console_, pending_); }
    Printer(const Printer&) = delete;
    Printer& operator=(const Printer&) = delete;

    void add(std::string_view text) {
        pending_ += text;
        const std::size_t end =
            console_.out_is_terminal ? pending_.rfind('\n') + 1 : pending_.size();
        print(console_, std::string_view(pending_).substr(0, end));
        pending_.erase(0, end);
    }

private:
    Console& console_;
    std::string pending_;
};

void follow_console(spawn::ConsoleLink& link, Printer& printer) {
    while (const std::optional<spawn::ConsoleMessage> message = link.next()) {
        printer.add(message->bytes);
    }
}

// False when it is over.
bool print_next(toolbox::FollowedJournal& journal, Printer& printer) {
    const std::string text = journal.read();
    printer.add(text);
    return !text.empty();
}

// journalctl knows no end; the machine has one, and a reboot is none.
void follow_journal(toolbox::Machine& machine, std::size_t lines, Printer& printer) {
    toolbox::FollowedJournal journal(machine.record().unit, lines);
    const auto says_more = [&] {
        return wait_for(journal.fd(), POLLIN, {}, std::chrono::steady_clock::now() + kLookForEnd);
    };
    while (!machine.wait_for_end(std::chrono::seconds(0))) {
        if (says_more() && !print_next(journal, printer)) {
            return;
        }
    }
    toolbox::sync_journal();
    while (says_more() && print_next(journal, printer)) {
    }
}

void follow(const spawn::Registry& machines, const spawn::MachineRecord& machine, std::size_t lines,
            Console& console) {
    Printer printer(console);
    if (machine.engine == machine::EngineKind::NspawnUnit) {
        follow_journal(*toolbox::open_machine(machine), lines, printer);
        return;
    }
    spawn::ConsoleLink link(machines.directory_of(machine.name));
    print(console, spawn::last_lines_of(link.past(), lines));
    follow_console(link, printer);
}

} // namespace

int cmd_log(const Invocation& asked, Console& console) {
    const spawn::Registry machines = open_machines(console);
    const spawn::MachineRecord machine = find_machine(machines, asked.operands.front());
    const std::size_t lines = asked.options.lines;
    if (asked.options.machine.follow) {
        follow(machines, machine, lines, console);
        return 0;
    }
    const std::string last = toolbox::open_machine(machine)->last_output(static_cast<int>(lines));
    print(console, spawn::last_lines_of(last, lines));
    return 0;
}

} // namespace slipway::cli
