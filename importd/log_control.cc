// The words of systemd (log.c); targets that it has besides have no meaning here.

#include "importd/log_control.hh"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "base/error.hh"
#include "base/quoted.hh"
#include "importd/import1_error.hh"

namespace slipway::importd {
namespace {

constexpr std::array<std::string_view, 8> kPriorities{"emerg",   "alert",  "crit", "err",
                                                      "warning", "notice", "info", "debug"};
constexpr std::array<std::string_view, 4> kTargets{"auto", "journal", "console", "null"};

std::string parse_target(const std::string& word) {
    if (std::find(kTargets.begin(), kTargets.end(), word) == kTargets.end()) {
        throw Error(Kind::InvalidArgument,
                    "the log target {} is not known; expected auto, journal, console or null",
                    quoted(word));
    }
    return word;
}

} // namespace

std::string word_of_priority(std::uint32_t priority) {
    return std::string(kPriorities.at(std::min<std::size_t>(priority, kPriorities.size() - 1)));
}

std::uint32_t parse_priority(const std::string& word) {
    for (std::uint32_t priority = 0; priority < kPriorities.size(); ++priority) {
        if (word == kPriorities.at(priority) || word == std::to_string(priority)) {
            return priority;
        }
    }
    throw Error(Kind::InvalidArgument, "the log level {} is not known; expected emerg to debug",
                quoted(word));
}

LogControl::LogControl(bus::Connection& connection, LogSettings& settings,
                       std::function<void()> changed)
    : object_(connection, "/org/freedesktop/LogControl1", "org.freedesktop.LogControl1",
              [](const std::exception& error) { return import1_failure(error); }) {
    object_.writable_property<std::string>(
        "LogLevel", [&settings] { return word_of_priority(settings.max_priority); },
        [&settings, changed](const std::string& word) {
            settings.max_priority = parse_priority(word);
            changed();
        });
    object_.writable_property<std::string>(
        "LogTarget", [&settings] { return settings.target; },
        [&settings, changed](const std::string& word) {
            settings.target = parse_target(word);
            changed();
        });
    object_.property<std::string>("SyslogIdentifier", bus::Changes::Never,
                                  [] { return std::string("slipway-importd"); });
    object_.publish();
}

} // namespace slipway::importd
