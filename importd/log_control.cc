// The words are systemd's; targets that it has besides have no meaning here.

#include "importd/log_control.hh"

#include <string>

#include "base/error.hh"
#include "base/quoted.hh"
#include "importd/import1_error.hh"

namespace slipway::importd {
namespace {

jobs::Priority parse_priority(const std::string& text) {
    const auto priority = jobs::find_priority(text);
    if (!priority) {
        throw Error(Kind::InvalidArgument, "the log level {} is not known; expected emerg to debug",
                    quoted(text));
    }
    return *priority;
}

jobs::LogTarget parse_target(const std::string& text) {
    const auto target = jobs::find_log_target(text);
    if (!target) {
        throw Error(Kind::InvalidArgument,
                    "the log target {} is not known; expected auto, journal, console or null",
                    quoted(text));
    }
    return *target;
}

} // namespace

LogControl::LogControl(bus::Connection& connection, jobs::Journal& journal)
    : object_(connection, "/org/freedesktop/LogControl1", "org.freedesktop.LogControl1",
              [](const std::exception& error) { return import1_failure(error); }) {
    object_.writable_property<std::string>(
        "LogLevel", [&journal] { return std::string(word(journal.level())); },
        [&journal](const std::string& text) { journal.set_level(parse_priority(text)); });
    object_.writable_property<std::string>(
        "LogTarget", [&journal] { return std::string(word(journal.target())); },
        [&journal](const std::string& text) { journal.set_target(parse_target(text)); });
    object_.property<std::string>("SyslogIdentifier", bus::Changes::Never,
                                  [&journal] { return journal.program(); });
    object_.publish();
}

} // namespace slipway::importd
