// A pseudo-terminal with a program on it, as a person has one in front of them.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "base/fd.hh"

namespace slipway::tests {

class Terminal {
public:
    /// The program gets the terminal as standard input, output and error, and TERM=xterm unless
    /// `term` says otherwise.
    Terminal(const std::vector<std::string>& command, unsigned short columns,
             const std::string& term = "xterm");
    ~Terminal();
    Terminal(const Terminal&) = delete;
    Terminal& operator=(const Terminal&) = delete;

    /// Reads until what was printed after the last call holds `text`, and returns that.
    /// @throws after 20 s, or at the program's end: what was printed
    std::string wait_for(std::string_view text);
    /// The same, wherever `text` stands in what was printed from the start.
    void wait_until_printed(std::string_view text);
    /// As typed at the keyboard; "\x03" is C-c.
    void type(std::string_view keys);
    void resize(unsigned short columns);
    /// Hangs up.
    void close();
    /// Reads to the end. 128 + the number for a program that a signal ended.
    int wait();
    /// Everything that was printed.
    const std::string& printed() const noexcept { return printed_; }

private:
    bool read_more();

    Fd master_;
    pid_t pid_ = -1;
    std::string printed_;
    std::size_t seen_ = 0;
};

} // namespace slipway::tests
