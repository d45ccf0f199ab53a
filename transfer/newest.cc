// One small file a place, replaced by rename(2). It is not synced: after a power loss the place may
// be as new.

#include "transfer/newest.hh"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/fd.hh"
#include "base/json.hh"
#include "base/memfd.hh"
#include "base/quoted.hh"

namespace slipway::transfer {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr std::uint64_t kMaxRecordBytes = 64 * 1024;
constexpr std::string_view kRecord = "=newest"; // no segment of a URL: '=' is escaped in those

std::string escaped_segment(std::string_view segment) {
    constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                        "0123456789-_~+";
    std::string out;
    for (const char c : segment) {
        const bool inner_dot = c == '.' && !out.empty();
        if (inner_dot || kPlain.find(c) != std::string_view::npos) {
            out.push_back(c);
        } else {
            out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
        }
    }
    return out;
}

std::optional<NewestSignature> parse_record(const std::string& text) {
    const Json object = Json::parse(text, nullptr, false);
    if (!object.is_object() || !object.contains("signed") ||
        !object["signed"].is_number_integer()) {
        return std::nullopt;
    }
    const auto text_of = [&object](const char* member) {
        const auto found = object.find(member);
        return found != object.end() && found->is_string() ? found->get<std::string>() : "";
    };
    return NewestSignature{object["signed"].get<std::int64_t>(), text_of("key"),
                           text_of("document")};
}

} // namespace

fs::path newest_file(std::string_view place) {
    const std::size_t colon = place.find("://");
    fs::path file = std::string(place.substr(0, colon));
    place.remove_prefix(colon == std::string_view::npos ? place.size() : colon + 3);
    while (!place.empty()) {
        const std::string_view segment = place.substr(0, place.find('/'));
        place.remove_prefix(std::min(segment.size() + 1, place.size()));
        if (!segment.empty()) {
            file /= escaped_segment(segment);
        }
    }
    return file / kRecord;
}

std::optional<NewestSignature> NewestSignatures::find(std::string_view place) const {
    if (directory_.empty() || place.empty()) {
        return std::nullopt;
    }
    const fs::path file = directory_ / newest_file(place);
    const Fd record(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (!record) {
        return std::nullopt;
    }
    try {
        return parse_record(read_all(record.get(), kMaxRecordBytes));
    } catch (const Error&) {
        return std::nullopt;
    }
}

void NewestSignatures::remember(std::string_view place, const NewestSignature& signature) const {
    const std::optional<NewestSignature> known = find(place);
    if (directory_.empty() || place.empty() || signature.signed_at <= 0 ||
        (known && known->signed_at >= signature.signed_at)) {
        return;
    }
    const fs::path file = directory_ / newest_file(place);
    std::error_code error;
    fs::create_directories(file.parent_path(), error);
    if (error) {
        errno = error.value();
        throw errno_error("cannot make {}", quoted(file.parent_path().string()));
    }
    const std::string text = Json{{"signed", signature.signed_at},
                                  {"key", to_utf8(signature.key)},
                                  {"document", to_utf8(signature.document)}}
                                 .dump() +
                             "\n";
    std::string temporary = file.string() + ".XXXXXX";
    Fd made(::mkostemp(temporary.data(), O_CLOEXEC));
    if (!made) {
        throw errno_error("cannot make {}", quoted(temporary));
    }
    try {
        write_all(made.get(), text);
        if (::rename(temporary.c_str(), file.c_str()) < 0) {
            throw errno_error("cannot make {}", quoted(file.string()));
        }
    } catch (const Error&) {
        ::unlink(temporary.c_str());
        throw;
    }
}

} // namespace slipway::transfer
