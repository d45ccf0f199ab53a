// The names are curl's: libcurl-env(3).

#include "cli/proxy_warning.hh"

#include <array>
#include <cstdlib>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace slipway::cli {

std::vector<std::string> proxy_variables(const std::function<const char*(const char*)>& get) {
    constexpr std::array kNames{"http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY",
                                "all_proxy",  "ALL_PROXY",  "no_proxy",    "NO_PROXY"};
    std::vector<std::string> set;
    bool proxy = false;
    for (const std::string_view name : kNames) {
        const char* value = get(name.data());
        if (value != nullptr && *value != '\0') {
            set.emplace_back(name);
            proxy = proxy || !(name == "no_proxy" || name == "NO_PROXY");
        }
    }
    return proxy ? set : std::vector<std::string>();
}

void warn_of_proxies(Console& console) {
    const auto set = proxy_variables([](const char* name) { return std::getenv(name); });
    if (!set.empty()) {
        console.err.add(
            fmt::format("warning: {} {} set here, but slipway-importd takes proxies from "
                        "its own configuration alone, and has none; see "
                        "importd.conf(5), or use --direct\n",
                        fmt::join(set, ", "), set.size() == 1 ? "is" : "are"));
    }
}

} // namespace slipway::cli
