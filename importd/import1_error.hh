// Errors under the names that clients of org.freedesktop.import1 know (import1.md §4): those that
// sd-bus makes of an errno value.

#pragma once

#include <exception>
#include <string>
#include <string_view>

#include "base/bus_error.hh"
#include "base/outcome.hh"
#include "importd/authorization.hh"
#include "importd/descriptor.hh"

namespace slipway::importd {

inline constexpr const char* kNoSuchTransfer = "org.freedesktop.import1.NoSuchTransfer";
inline constexpr const char* kTransferInProgress = "org.freedesktop.import1.TransferInProgress";
inline constexpr const char* kInteractionRequired =
    "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired";

std::string_view import1_error_name(Kind kind) noexcept;
/// For whatever a handler throws.
bus::Failure import1_failure(const std::exception& error);
bus::Failure import1_failure(const WrongDescriptor& wrong);
bus::Failure import1_failure(const Denial& denial);

} // namespace slipway::importd
