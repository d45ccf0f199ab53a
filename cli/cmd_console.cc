// slipway console NAME

#include <csignal>

#include <fmt/format.h>
#include <unistd.h>

#include "base/memfd.hh"
#include "base/quoted.hh"
#include "cli/commands.hh"
#include "cli/console_session.hh"
#include "cli/machines.hh"
#include "spawn/console_link.hh"

namespace slipway::cli {
namespace {

constexpr std::size_t kShownBytes = 4096; // of what was said before

class LinkedTerminal : public FarTerminal {
public:
    explicit LinkedTerminal(spawn::ConsoleLink& link) : link_(link) {}

    int fd() const override { return link_.fd(); }
    int end_fd() const override { return -1; }
    std::optional<std::string> take() override {
        std::optional<spawn::ConsoleMessage> message = link_.next();
        is_over_ = message && message->word == spawn::ConsoleWord::Over;
        return message && !is_over_ ? std::optional(std::move(message->bytes)) : std::nullopt;
    }
    /// It has told that it has ended.
    bool is_over() const noexcept { return is_over_; }
    void type(std::string_view bytes) override { link_.type(bytes); }
    void resize(const winsize& size) override { link_.resize(size); }

private:
    spawn::ConsoleLink& link_;
    bool is_over_ = false;
};

// From the start of a line.
std::string_view newest(std::string_view text) {
    if (text.size() > kShownBytes) {
        text.remove_prefix(text.size() - kShownBytes);
        const std::size_t end = text.find('\n');
        text.remove_prefix(end == text.npos ? 0 : end + 1);
    }
    return text;
}

} // namespace

int cmd_console(const Invocation& asked, Console& console) {
    const std::string& name = asked.operands.front();
    const spawn::Registry machines = open_machines(console);
    refuse_unit(find_machine(machines, name),
                fmt::format("'slipway login {0}' logs in, 'slipway log {0}' shows it", name));
    spawn::ConsoleLink link(machines.directory_of(name));
    print_error(console, fmt::format("attached to the console of {}; press ^] three times within "
                                     "a second to leave it",
                                     quoted(name)));
    console.err.drain();
    write_all(STDOUT_FILENO, newest(link.past()));
    LinkedTerminal terminal(link);
    if (run_console_session(terminal) == SessionEnd::Left) {
        print_error(console, fmt::format("left the console of {}, which goes on", quoted(name)));
        return 0;
    }
    if (!terminal.is_over() && machines.find(name)) {
        print_error(console, fmt::format("the console of {} said more than was taken here, and has "
                                         "let go; attach again",
                                         quoted(name)));
        return 1;
    }
    print_error(console, fmt::format("machine {} has ended", quoted(name)));
    return 0;
}

} // namespace slipway::cli
