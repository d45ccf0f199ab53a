// Errors on their way over the bus and back, without the bus: the names of io.slipway, and what the
// standard names mean to us. A test walks the table of base/outcome.def through both directions.

#pragma once

#include <exception>
#include <string>
#include <string_view>

#include "base/error.hh"

namespace slipway::bus {

/// An error as it travels.
struct Failure {
    std::string name;    ///< "io.slipway.Error.Exists", "org.freedesktop.DBus.Error.AccessDenied"
    std::string message; ///< for people
};

/// What sd-bus takes for a string: UTF-8 without noncharacters and NUL, in whose place U+FFFD
/// stands. One odd name in an archive must not make every answer that quotes it unsendable.
std::string bus_text(std::string_view text);

/// "io.slipway.Error.NoSpace"; of a refusal of verification "io.slipway.Error.Verify.NoEntry".
std::string error_name(Kind kind);
std::string error_name(const Error& error);

/// What a handler that threw is answered with, under the names of io.slipway; of anything that is
/// neither Error nor Canceled the standard name of a failure.
Failure failure_of(const std::exception& error);

/// An answer of the bus as the Error that it was on the other side; standard names by their
/// meaning. Unknown names are Other and stand in front of the message.
Error error_of(const Failure& failure);

} // namespace slipway::bus
