// What is left out by name; everything else an administrator may have set for a reason.

#include "jobs/keeper_environment.hh"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

namespace slipway::jobs {
namespace {

// Of the service manager (sd_notify(3), systemd.exec(5)) and of the bus.
constexpr std::array<std::string_view, 7> kOwnPrefixes{
    "NOTIFY_SOCKET=",  "WATCHDOG_",      "LISTEN_",          "DBUS_",
    "JOURNAL_STREAM=", "INVOCATION_ID=", "SYSTEMD_EXEC_PID="};

constexpr std::array<std::string_view, 4> kProxies{"http_proxy", "https_proxy", "all_proxy",
                                                   "no_proxy"};

bool is_own(std::string_view entry) {
    return std::any_of(kOwnPrefixes.begin(), kOwnPrefixes.end(),
                       [entry](std::string_view prefix) { return entry.starts_with(prefix); });
}

bool is_proxy(std::string_view entry) {
    std::string name(entry.substr(0, entry.find('=')));
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
    return std::find(kProxies.begin(), kProxies.end(), name) != kProxies.end();
}

} // namespace

KeeperEnvironment split_environment(const std::vector<std::string>& environment) {
    KeeperEnvironment split;
    for (const std::string& entry : environment) {
        if (is_proxy(entry)) {
            split.proxies.push_back(entry);
        } else if (!is_own(entry)) {
            split.common.push_back(entry);
        }
    }
    return split;
}

} // namespace slipway::jobs
