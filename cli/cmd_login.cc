// slipway login NAME

#include <array>
#include <cerrno>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/memfd.hh"
#include "base/quoted.hh"
#include "cli/commands.hh"
#include "cli/console_session.hh"
#include "cli/machines.hh"
#include "toolbox/guest_login.hh"
#include "toolbox/guest_terminal.hh"

namespace slipway::cli {
namespace {

// The slave is kept open: between two gettys nobody else has it, and reading a master without
// slaves is an error.
class OwnTerminal : public FarTerminal {
public:
    OwnTerminal(const spawn::Guest& guest, Fd master)
        : guest_(guest), master_(std::move(master)),
          slave_(::ioctl(master_.get(), TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC)) {
        if (!slave_) {
            throw errno_error("cannot open a terminal of machine {}", quoted(guest.record().name));
        }
    }

    int fd() const override { return master_.get(); }
    int end_fd() const override { return guest_.pidfd(); }
    std::optional<std::string> take() override {
        std::array<char, 4096> bytes{};
        const ssize_t got = ::read(master_.get(), bytes.data(), bytes.size());
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
            return "";
        }
        return got > 0 ? std::optional(std::string(bytes.data(), static_cast<std::size_t>(got)))
                       : std::nullopt;
    }
    void type(std::string_view bytes) override { write_all(master_.get(), bytes); }
    void resize(const winsize& size) override { ::ioctl(master_.get(), TIOCSWINSZ, &size); }

private:
    const spawn::Guest& guest_;
    Fd master_;
    Fd slave_;
};

} // namespace

int cmd_login(const Invocation& asked, Console& console) {
    const std::string& name = asked.operands.front();
    const spawn::MachineRecord machine = find_machine(open_machines(console), name);
    if (machine.engine == machine::EngineKind::Qemu) {
        return cmd_console(asked, console); // its first serial port, where a system asks who comes
    }
    const spawn::Guest guest(machine);
    if (!guest.has_systemd()) {
        return cmd_console(asked, console);
    }
    toolbox::GuestTerminal terminal = toolbox::open_guest_terminal(guest);
    OwnTerminal own(guest, std::move(terminal.master));
    toolbox::start_getty(guest, terminal.name);
    print_error(console, fmt::format("logging in to {}; press ^] three times within a second to "
                                     "leave it",
                                     quoted(name)));
    console.err.drain();
    const bool left = run_console_session(own) == SessionEnd::Left;
    print_error(console, left ? fmt::format("left {}, which goes on", quoted(name))
                              : fmt::format("machine {} has ended", quoted(name)));
    return 0;
}

} // namespace slipway::cli
