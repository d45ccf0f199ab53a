// script(1) makes the terminal.

#include "tests/e2e/at_terminal.hh"

#include <array>

#include <fcntl.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/memfd.hh"
#include "tests/support/programs.hh"

namespace slipway::tests {

AtTerminal::Pipe::Pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) < 0) {
        throw errno_error("cannot make a pipe");
    }
    read.reset(ends[0]);
    write.reset(ends[1]);
}

AtTerminal::AtTerminal(const std::string& words)
    : running_({"/usr/bin/script", "-qec",
                "stty rows 33 cols 77; " + program("slipway").string() + " " + words, "/dev/null"},
               keys_.read.get()) {}

void AtTerminal::type(const std::string& keys) const {
    write_all(keys_.write.get(), keys);
}

} // namespace slipway::tests
