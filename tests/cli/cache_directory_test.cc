// Where downloads are kept.

#include <map>
#include <string>

#include "cli/cache_directory.hh"
#include "tests/catch.hh"

using slipway::cli::cache_directory;

TEST_CASE("the cache is the service's, root's or the user's own", "[cli][cache]") {
    using Variables = std::map<std::string, const char*>;
    const auto of = [](bool is_root, bool own_pool, const Variables& variables) {
        return cache_directory(is_root, own_pool, [&variables](const char* name) -> const char* {
            const auto found = variables.find(name);
            return found == variables.end() ? nullptr : found->second;
        });
    };
    CHECK(of(true, false, {{"HOME", "/root"}}) == "/var/cache/slipway");
    CHECK(of(true, true, {{"HOME", "/root"}}) == "/root/.cache/slipway");
    CHECK(of(true, false, {{"CACHE_DIRECTORY", "/srv/cache"}}) == "/srv/cache");
    CHECK(of(true, true, {{"CACHE_DIRECTORY", "/srv/cache"}, {"HOME", "/root"}}) == "/srv/cache");
    CHECK(of(false, false, {{"HOME", "/home/u"}}) == "/home/u/.cache/slipway");
    CHECK(of(false, false, {{"HOME", "/home/u"}, {"XDG_CACHE_HOME", "/home/u/c"}}) ==
          "/home/u/c/slipway");
    CHECK(of(false, true, {{"HOME", "/home/u"}, {"XDG_CACHE_HOME", "c"}}) ==
          "/home/u/.cache/slipway");
    CHECK(of(false, false, {}).empty());
}
