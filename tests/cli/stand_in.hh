// The real slipway beside a slipway-transfer that does what a shell script says: for what no real
// transfer does on order. And programs that a test talks to while they run.

#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/child_process.hh"
#include "base/fd.hh"
#include "tests/support/programs.hh"
#include "transfer/event.hh"

namespace slipway::tests {

class StandIn {
public:
    /// @param script  of sh, run in a directory of its own after the request was read there into
    ///                the file "request"
    explicit StandIn(const std::string& script);

    std::string slipway() const { return (directory_ / "slipway").string(); }
    /// The command line of a pull that goes to the script.
    std::vector<std::string> pull(const std::vector<std::string>& options = {}) const;
    std::filesystem::path operator/(const std::string& name) const { return directory_ / name; }
    /// Lets a script that waits for it go on.
    void go() const { write_file(directory_ / "go", "\n"); }
    /// Waits for a script that tells something.
    void wait_until_told() const { read_file(directory_ / "told"); }
    /// The request as the script got it.
    std::string request() const { return read_file(directory_ / "request"); }

private:
    TempDir directory_;
};

/// Command of the script: says an event.
std::string says(const transfer::Event& event);
/// Waits for the end of the request, which means cancel.
inline const std::string kWaitForCancel = "cat >/dev/null\n";
/// Waits for StandIn::go().
inline const std::string kWaitForGo = "read -r _ <go\n";

/// Ends StandIn::wait_until_told().
inline const std::string kTell = "echo >told\n";

transfer::Started started_pull(const std::string& name = "web");
transfer::Ended done_pull(const std::string& name = "web");
transfer::Ended failed(int status, const std::string& text);
transfer::Ended canceled();

/// A program that runs: its standard output and error are read as they come.
class Running {
public:
    /// @param input  its standard input, borrowed; /dev/null when -1
    explicit Running(const std::vector<std::string>& command, int input = -1);

    /// Waits until standard error holds `text`. @throws after 20 s
    void wait_for_error(const std::string& text);
    /// The same of standard output.
    void wait_for_output(const std::string& text);
    void kill(int signal) { child_->kill(signal); }
    pid_t pid() const noexcept { return child_->pid(); }
    /// Reads both to their ends. 128 + the number for a program that a signal ended.
    int wait();
    /// The same with standard output left unread.
    int wait_without_reading_output();
    const std::string& out() const noexcept { return out_text_; }
    const std::string& err() const noexcept { return err_text_; }

private:
    bool read_more(const Fd& fd, std::string& into);
    void wait_for_text(const Fd& fd, std::string& in, const std::string& text);

    Fd out_;
    Fd err_;
    std::string out_text_;
    std::string err_text_;
    std::optional<ChildProcess> child_;
};

} // namespace slipway::tests
