// Where direct mode remembers what it has seen.

#include <map>
#include <string>

#include "cli/state_directory.hh"
#include "tests/catch.hh"

using slipway::cli::state_directory;

TEST_CASE("the state directory is the service's, root's or the user's own", "[cli][state]") {
    using Variables = std::map<std::string, const char*>;
    const auto of = [](bool is_root, const Variables& variables) {
        return state_directory(is_root, [&variables](const char* name) -> const char* {
            const auto found = variables.find(name);
            return found == variables.end() ? nullptr : found->second;
        });
    };
    CHECK(of(true, {{"HOME", "/root"}}) == "/var/lib/slipway");
    CHECK(of(true, {{"STATE_DIRECTORY", "/srv/state"}}) == "/srv/state");
    CHECK(of(false, {{"HOME", "/home/u"}}) == "/home/u/.local/state/slipway");
    CHECK(of(false, {{"HOME", "/home/u"}, {"XDG_STATE_HOME", "/home/u/s"}}) == "/home/u/s/slipway");
    CHECK(of(false, {{"HOME", "/home/u"}, {"XDG_STATE_HOME", "s"}}) ==
          "/home/u/.local/state/slipway");
    CHECK(of(false, {}).empty());
}
