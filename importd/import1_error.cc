// The table: sd-bus-errors(3), and "System.Error." for what has no standard name.

#include "importd/import1_error.hh"

#include "base/error.hh"
#include "base/quoted.hh"

namespace slipway::importd {

std::string_view import1_error_name(Kind kind) noexcept {
    switch (kind) {
    case Kind::InvalidArgument:
        return "org.freedesktop.DBus.Error.InvalidArgs";
    case Kind::NotFound:
        return "org.freedesktop.DBus.Error.FileNotFound";
    case Kind::Exists:
        return "org.freedesktop.DBus.Error.FileExists";
    case Kind::Busy:
        return "System.Error.EBUSY";
    case Kind::Denied:
        return "org.freedesktop.DBus.Error.AccessDenied";
    case Kind::NoSpace:
        return "System.Error.ENOSPC";
    case Kind::Network:
        return "System.Error.EHOSTUNREACH";
    case Kind::Untrusted:
    case Kind::Corrupt:
        return "org.freedesktop.DBus.Error.InconsistentMessage";
    case Kind::Unsupported:
        return "org.freedesktop.DBus.Error.NotSupported";
    case Kind::Limit:
        return "System.Error.E2BIG";
    case Kind::Other:
    case Kind::Internal:
        break;
    }
    return "org.freedesktop.DBus.Error.Failed";
}

bus::Failure import1_failure(const std::exception& error) {
    const auto* ours = dynamic_cast<const Error*>(&error);
    return {std::string(import1_error_name(ours != nullptr ? ours->kind() : Kind::Other)),
            to_utf8(error.what())};
}

bus::Failure import1_failure(const WrongDescriptor& wrong) {
    switch (wrong.what) {
    case WrongDescriptor::What::NotDirectory:
        return {"System.Error.ENOTDIR", wrong.text};
    case WrongDescriptor::What::Flags:
        return {"System.Error.EREMOTEIO", wrong.text};
    case WrongDescriptor::What::Type:
        break;
    }
    return {std::string(import1_error_name(Kind::InvalidArgument)), wrong.text};
}

bus::Failure import1_failure(const Denial& denial) {
    switch (denial.why) {
    case Denial::Why::Password:
        return {kInteractionRequired, denial.text};
    case Denial::Why::TooMany:
        return {std::string(import1_error_name(Kind::Limit)), denial.text};
    case Denial::Why::No:
        break;
    }
    return {std::string(import1_error_name(Kind::Denied)), denial.text};
}

} // namespace slipway::importd
