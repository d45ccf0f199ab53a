// The terminal in front of a person and that of a command in a machine, made one.

#pragma once

#include "base/fd.hh"
#include "cli/raw_terminal.hh"

namespace slipway::cli {

/// Standard input's terminal is without line editing, echo and signals until this is destroyed:
/// what is typed goes to `master` as it is, and what comes from there to standard output.
class TerminalRelay {
public:
    explicit TerminalRelay(Fd master);

    int master() const noexcept { return master_.get(); }
    /// Tells the other side how large this one is.
    void resize() const noexcept;
    /// What was typed. False at its end.
    bool take_input();
    /// What was printed. False when the other side is closed.
    bool take_output();
    /// The rest of it.
    void drain();

private:
    Fd master_;
    RawTerminal raw_;
};

} // namespace slipway::cli
