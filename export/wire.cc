// JSON of docs/protocol.md §3. What comes from the other program is checked member by member: the
// one is confined because it may be taken over.

#include "export/wire.hh"

#include "base/error.hh"
#include "base/json.hh"
#include "base/quoted.hh"

namespace slipway::exports {
namespace {

using Json = nlohmann::json;

constexpr std::uint64_t kProtocol = 1;

Json parse_object(std::string_view text) {
    Json object = Json::parse(text, nullptr, false);
    if (!object.is_object()) {
        throw Error(Kind::Internal, "expected a JSON object, found {}", quoted(text, 80));
    }
    return object;
}

[[noreturn]] void refuse(std::string_view name) {
    throw Error(Kind::Internal, "the member {} of a message is not what it should be",
                quoted(name));
}

const Json& member(const Json& object, const char* name) {
    static const Json nothing;
    const auto found = object.find(name);
    return found == object.end() ? nothing : *found;
}

std::uint64_t number(const Json& object, const char* name, std::uint64_t most = ~std::uint64_t{0}) {
    const Json& value = member(object, name);
    if (value.is_null()) {
        return 0;
    }
    if (!value.is_number_unsigned() || value.get<std::uint64_t>() > most) {
        refuse(name);
    }
    return value.get<std::uint64_t>();
}

std::string text_of(const Json& object, const char* name) {
    const Json& value = member(object, name);
    if (!value.is_string() && !value.is_null()) {
        refuse(name);
    }
    return value.is_null() ? std::string() : value.get<std::string>();
}

bool truth(const Json& object, const char* name) {
    const Json& value = member(object, name);
    if (!value.is_boolean() && !value.is_null()) {
        refuse(name);
    }
    return !value.is_null() && value.get<bool>();
}

stream::Algorithm algorithm_from(const std::string& text) {
    const auto algorithm = stream::find_algorithm(text);
    if (!algorithm) {
        throw Error(Kind::Internal, "{} is not a digest algorithm", quoted(text));
    }
    return *algorithm;
}

stream::Digests digests_from(const Json& object) {
    stream::Digests digests;
    const Json& listed = member(object, "digests");
    if (!listed.is_object()) {
        refuse("digests");
    }
    for (const auto& [name, hex] : listed.items()) {
        const stream::Algorithm algorithm = algorithm_from(name);
        const std::string text = hex.is_string() ? hex.get<std::string>() : "";
        if (text.size() != stream::hex_length(algorithm) ||
            text.find_first_not_of("0123456789abcdef") != text.npos) {
            refuse("digests");
        }
        digests[algorithm] = text;
    }
    return digests;
}

Json json_of(const ExportProgress& progress) {
    return {{"answer", "progress"}, {"read", progress.read_bytes}, {"entries", progress.entries}};
}

Json json_of(const ExportWarning& warning) {
    return {{"answer", "warning"}, {"text", to_utf8(warning.text)}};
}

Json json_of(const Exported& done) {
    Json digests = Json::object();
    for (const auto& [algorithm, hex] : done.digests) {
        digests[std::string(stream::word(algorithm))] = hex;
    }
    return {{"answer", "exported"},          {"digests", digests},      {"read", done.read_bytes},
            {"written", done.written_bytes}, {"entries", done.entries}, {"sockets", done.sockets}};
}

Json json_of(const ExportFailure& failure) {
    return {{"answer", "error"},
            {"kind", slipway::word(failure.kind)},
            {"text", to_utf8(failure.text)}};
}

} // namespace

std::string_view word(Work work) noexcept {
    return work == Work::Tar ? "export-tar" : "export-raw";
}

std::string to_json(const ExportRequest& request) {
    Json algorithms = Json::array();
    for (const stream::Algorithm algorithm : request.algorithms) {
        algorithms.push_back(stream::word(algorithm));
    }
    return Json{{"protocol", kProtocol},
                {"do", word(request.work)},
                {"format", stream::format_of(request.codec).word},
                {"level", request.level},
                {"threads", request.threads},
                {"algorithms", algorithms},
                {"privileged_xattrs", request.privileged_xattrs}}
        .dump();
}

std::string to_json(const ExportAnswer& answer) {
    return std::visit([](const auto& one) { return json_of(one).dump(); }, answer);
}

ExportRequest parse_export_request(std::string_view json) {
    const Json object = parse_object(json);
    if (const std::uint64_t protocol = number(object, "protocol"); protocol != kProtocol) {
        throw Error(Kind::Internal, "this program speaks protocol {}, the request {}", kProtocol,
                    protocol);
    }
    ExportRequest request;
    const std::string what = text_of(object, "do");
    if (what != word(Work::Tar) && what != word(Work::Raw)) {
        throw Error(Kind::Internal, "asked to do {}; expected 'export-tar' or 'export-raw'",
                    quoted(what));
    }
    request.work = what == word(Work::Tar) ? Work::Tar : Work::Raw;
    const stream::Format* format = stream::find_format(text_of(object, "format"));
    if (format == nullptr) {
        refuse("format");
    }
    request.codec = format->codec;
    request.level = static_cast<unsigned>(number(object, "level", 1000));
    request.threads = static_cast<unsigned>(number(object, "threads", 1 << 16));
    request.privileged_xattrs = truth(object, "privileged_xattrs");
    for (const Json& name : member(object, "algorithms")) {
        if (!name.is_string()) {
            refuse("algorithms");
        }
        request.algorithms.push_back(algorithm_from(name.get<std::string>()));
    }
    return request;
}

ExportAnswer parse_export_answer(std::string_view json) {
    const Json object = parse_object(json);
    const std::string answer = text_of(object, "answer");
    if (answer == "progress") {
        return ExportProgress{number(object, "read"), number(object, "entries")};
    }
    if (answer == "warning") {
        return ExportWarning{text_of(object, "text")};
    }
    if (answer == "exported") {
        return Exported{digests_from(object), number(object, "read"), number(object, "written"),
                        number(object, "entries"), number(object, "sockets")};
    }
    if (answer == "error") {
        const auto kind = find_kind(text_of(object, "kind"));
        return ExportFailure{kind.value_or(Kind::Internal), text_of(object, "text")};
    }
    throw Error(Kind::Internal, "slipway-unpack gave an answer of unknown kind: {}",
                quoted(answer, 80));
}

} // namespace slipway::exports
