// A person at a terminal.

#pragma once

#include <string>

#include "base/fd.hh"
#include "tests/support/running_program.hh"

namespace slipway::tests {

/// `slipway WORDS` at a terminal of 33 rows and 77 columns.
class AtTerminal {
public:
    explicit AtTerminal(const std::string& words);

    void type(const std::string& keys) const;
    /// ^] three times.
    void leave() const { type("\x1d\x1d\x1d"); }
    void wait_for(const std::string& text) { running_.wait_for_output(text); }
    int wait() { return running_.wait(); }
    const std::string& printed() const { return running_.out(); }

private:
    struct Pipe {
        Pipe();
        Fd read;
        Fd write;
    };

    Pipe keys_;
    Running running_;
};

} // namespace slipway::tests
