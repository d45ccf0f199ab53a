// The real slipway beside a slipway-transfer that does what a shell script says: for what no real
// transfer does on order.

#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/programs.hh"
#include "tests/support/running_program.hh"
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

} // namespace slipway::tests
