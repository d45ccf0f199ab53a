// One engine, two ways in: a pool that the command line brings images to, by itself or through the
// real slipway-importd, and something to bring.

#pragma once

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/json.hh"
#include "tests/e2e/checks.hh"
#include "tests/e2e/publisher.hh"
#include "tests/support/running_daemon.hh"
#include "tests/support/temp_pool.hh"
#include "tests/support/test_bus.hh"

namespace slipway::tests {

enum class Way { Direct, Daemon };

class House {
public:
    explicit House(Way way);

    std::filesystem::path pool() const;
    std::filesystem::path image(const std::string& name) const { return pool() / name; }

    /// The command line that goes this way.
    std::vector<std::string> command(const std::vector<std::string>& words) const;
    RunResult slipway(const std::vector<std::string>& words, const RunOptions& options = {}) const {
        return run(command(words), options);
    }
    /// The same with the requirement that it succeeds: its answer as JSON.
    nlohmann::json ask(std::vector<std::string> words) const;
    /// What is hidden or visible in the pool besides `expected`.
    Lines leftovers(const std::set<std::string>& expected = {}) const;

    std::optional<TestBus> bus;
    std::optional<RunningDaemon> daemon;

private:
    Way way_;
    TempPool pool_;
};

/// Standard error without what only the daemon's way says.
std::string same_words(const std::string& text);

/// A tree, and its archive at a publisher's and as a file.
struct Web {
    Web();
    std::string url() const { return publisher.url("web.tar.gz"); }
    std::string file() const { return (place / "web.tar.gz").string(); }
    std::string keyring() const { return "--keyring=" + publisher.keyring().string(); }
    /// The next pull gets half of it, until release().
    void stall();
    void release() { publisher.server.release(); }

    TempDir place;
    std::filesystem::path tree = place / "tree";
    std::string archive;
    Publisher publisher;
};

} // namespace slipway::tests
