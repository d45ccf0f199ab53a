// As of import1, but for what is not there and for limits.

#include "importd/machine1_error.hh"

#include "base/error.hh"
#include "base/quoted.hh"
#include "importd/import1_error.hh"

namespace slipway::importd {
namespace {

constexpr const char* kNoSuchImage = "org.freedesktop.machine1.NoSuchImage";
constexpr const char* kLimits = "org.freedesktop.DBus.Error.LimitsExceeded";

std::string name_of(Kind kind) {
    switch (kind) {
    case Kind::NotFound:
        return kNoSuchImage;
    case Kind::Limit:
        return kLimits;
    default:
        return std::string(import1_error_name(kind));
    }
}

} // namespace

bus::Failure machine1_failure(const std::exception& error) {
    const auto* ours = dynamic_cast<const Error*>(&error);
    return {name_of(ours != nullptr ? ours->kind() : Kind::Other), to_utf8(error.what())};
}

bus::Failure machine1_failure(const Denial& denial) {
    return denial.why == Denial::Why::TooMany ? bus::Failure{kLimits, denial.text}
                                              : import1_failure(denial);
}

bus::Failure machine1_failure(const jobs::Refusal& refusal) {
    try {
        std::rethrow_exception(refusal.error);
    } catch (const std::exception& error) {
        return machine1_failure(error);
    }
}

bus::Failure machine1_failure(const transfer::Ended& end) {
    if (end.outcome == transfer::Outcome::Canceled) {
        return {"System.Error.ECANCELED", end.text};
    }
    return {name_of(find_kind(end.kind).value_or(Kind::Other)), end.text};
}

bus::Failure no_such_image(const std::string& name) {
    return {kNoSuchImage, fmt::format("No image {} known", quoted(name))};
}

bus::Failure no_such_machine(const std::string& name) {
    return {"org.freedesktop.machine1.NoSuchMachine",
            fmt::format("No machine {} known", quoted(name))};
}

bus::Failure belongs_to_the_system() {
    return {"System.Error.EROFS", "Read-only file system"};
}

} // namespace slipway::importd
