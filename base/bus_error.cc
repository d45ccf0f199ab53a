// Names are made of the enumerators of base/outcome.def, so that a new one has a name at once.

#include "base/bus_error.hh"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/quoted.hh"

namespace slipway::bus {
namespace {

constexpr std::string_view kPrefix = "io.slipway.Error.";
constexpr std::string_view kVerifyPrefix = "io.slipway.Error.Verify.";

struct KindName {
    Kind kind;
    std::string_view name;
};

constexpr std::array kKinds{
#define KIND(name, word, status, meaning) KindName{Kind::name, #name},
#include "base/outcome.def"
#undef KIND
};

struct VerdictName {
    VerdictWord verdict;
    std::string_view name;
};

constexpr std::array kVerdicts{
#define VERDICT(name, word, kind, status, bus_name, rank) VerdictName{VerdictWord::name, bus_name},
#include "base/outcome.def"
#undef VERDICT
};

// "D-Bus Specification", and sd-bus-errors(3).
constexpr std::array<KindName, 22> kStandard{{
    {Kind::NotFound, "org.freedesktop.DBus.Error.ServiceUnknown"},
    {Kind::NotFound, "org.freedesktop.DBus.Error.NameHasNoOwner"},
    {Kind::NotFound, "org.freedesktop.DBus.Error.UnknownObject"},
    {Kind::NotFound, "org.freedesktop.DBus.Error.FileNotFound"},
    {Kind::NotFound, "org.freedesktop.DBus.Error.NoServer"},
    {Kind::Exists, "org.freedesktop.DBus.Error.FileExists"},
    {Kind::Exists, "org.freedesktop.DBus.Error.AddressInUse"},
    {Kind::Denied, "org.freedesktop.DBus.Error.AccessDenied"},
    {Kind::Denied, "org.freedesktop.DBus.Error.AuthFailed"},
    {Kind::Denied, "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired"},
    {Kind::InvalidArgument, "org.freedesktop.DBus.Error.InvalidArgs"},
    {Kind::InvalidArgument, "org.freedesktop.DBus.Error.InvalidSignature"},
    {Kind::Unsupported, "org.freedesktop.DBus.Error.NotSupported"},
    {Kind::Unsupported, "org.freedesktop.DBus.Error.UnknownMethod"},
    {Kind::Unsupported, "org.freedesktop.DBus.Error.UnknownInterface"},
    {Kind::Unsupported, "org.freedesktop.DBus.Error.UnknownProperty"},
    {Kind::Limit, "org.freedesktop.DBus.Error.LimitsExceeded"},
    {Kind::Limit, "org.freedesktop.DBus.Error.NoMemory"},
    {Kind::Internal, "org.freedesktop.DBus.Error.NoReply"},
    {Kind::Internal, "org.freedesktop.DBus.Error.Timeout"},
    {Kind::Internal, "org.freedesktop.DBus.Error.TimedOut"},
    {Kind::Internal, "org.freedesktop.DBus.Error.Disconnected"},
}};

template <typename Table>
auto find_name(const Table& table, std::string_view name) {
    const auto* found = std::find_if(table.begin(), table.end(),
                                     [name](const auto& row) { return row.name == name; });
    return found == table.end() ? nullptr : found;
}

// At `text`, which is UTF-8: a noncharacter (U+FDD0 to U+FDEF, and the last two of each plane).
bool begins_noncharacter(std::string_view text) {
    const auto byte = [text](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    if (text.size() >= 3 && byte(0) == 0xEF) {
        return (byte(1) == 0xB7 && byte(2) >= 0x90 && byte(2) <= 0xAF) ||
               (byte(1) == 0xBF && byte(2) >= 0xBE);
    }
    return text.size() >= 4 && byte(0) >= 0xF0 && (byte(1) & 0x0FU) == 0x0F && byte(2) == 0xBF &&
           byte(3) >= 0xBE;
}

} // namespace

std::string bus_text(std::string_view text) {
    constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
    const std::string utf8 = to_utf8(text);
    std::string result;
    result.reserve(utf8.size());
    for (std::size_t at = 0; at < utf8.size();) {
        const std::string_view rest = std::string_view(utf8).substr(at);
        if (rest.front() == '\0') {
            result += kReplacement;
            ++at;
        } else if (begins_noncharacter(rest)) {
            result += kReplacement;
            at += static_cast<unsigned char>(rest.front()) >= 0xF0 ? 4 : 3;
        } else {
            result += rest.front();
            ++at;
        }
    }
    return result;
}

std::string error_name(Kind kind) {
    return std::string(kPrefix).append(kKinds.at(static_cast<std::size_t>(kind)).name);
}

std::string error_name(const Error& error) {
    if (const auto verdict = error.verdict()) {
        const std::string_view name = kVerdicts.at(static_cast<std::size_t>(*verdict)).name;
        if (!name.empty()) {
            return std::string(kVerifyPrefix).append(name);
        }
    }
    return error_name(error.kind());
}

Failure failure_of(const std::exception& error) {
    if (const auto* ours = dynamic_cast<const Error*>(&error)) {
        return {error_name(*ours), to_utf8(ours->what())};
    }
    return {"org.freedesktop.DBus.Error.Failed", to_utf8(error.what())};
}

Error error_of(const Failure& failure) {
    const std::string_view name = failure.name;
    if (name.starts_with(kVerifyPrefix)) {
        const std::string_view word = name.substr(kVerifyPrefix.size());
        const auto* verdict = word.empty() ? nullptr : find_name(kVerdicts, word);
        if (verdict != nullptr) {
            return Error(verdict->verdict, "{}", relayed(failure.message));
        }
    } else if (name.starts_with(kPrefix)) {
        if (const auto* kind = find_name(kKinds, name.substr(kPrefix.size()))) {
            return Error(kind->kind, "{}", relayed(failure.message));
        }
    } else if (const auto* kind = find_name(kStandard, name)) {
        return Error(kind->kind, "{}", relayed(failure.message));
    }
    return Error(Kind::Other, "{}: {}", escaped(failure.name), relayed(failure.message));
}

} // namespace slipway::bus
