// Which variables name a proxy.

#include <map>

#include "cli/proxy_warning.hh"
#include "tests/catch.hh"

using namespace slipway;
using Words = std::vector<std::string>;

namespace {

Words found_in(const std::map<std::string, std::string>& environment) {
    return cli::proxy_variables([&environment](const char* name) {
        const auto found = environment.find(name);
        return found == environment.end() ? nullptr : found->second.c_str();
    });
}

} // namespace

TEST_CASE("proxy variables are found in either case", "[cli][proxy]") {
    CHECK(found_in({}).empty());
    CHECK(found_in({{"PATH", "/bin"}, {"http_proxy", ""}}).empty());
    CHECK(found_in({{"http_proxy", "x"}}) == Words{"http_proxy"});
    CHECK(found_in({{"HTTPS_PROXY", "x"}, {"no_proxy", "y"}}) == Words{"HTTPS_PROXY", "no_proxy"});
    CHECK(found_in({{"no_proxy", "y"}}).empty()); // no proxy is used without it, either
}
