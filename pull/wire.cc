// JSON of docs/protocol.md §3. What comes from the other program is checked member by member: the
// one is confined because it may be taken over.

#include "pull/wire.hh"

#include <type_traits>

#include <nlohmann/json.hpp>

#include "base/error.hh"
#include "base/quoted.hh"

namespace slipway::pull {
namespace {

using Json = nlohmann::json;

constexpr int kProtocol = 1;

Json parse_object(std::string_view text) {
    Json object = Json::parse(text, nullptr, false);
    if (!object.is_object()) {
        throw Error(Kind::Internal, "expected a JSON object, found {}", quoted(text, 80));
    }
    return object;
}

template <typename T>
bool fits(const Json& value) {
    if constexpr (std::is_same_v<T, bool>) {
        return value.is_boolean();
    } else if constexpr (std::is_unsigned_v<T>) {
        return value.is_number_unsigned() &&
               value.get<std::uint64_t>() <= std::numeric_limits<T>::max();
    } else {
        return value.is_string();
    }
}

// A member that is missing leaves `into` as it is.
template <typename T>
void read(const Json& object, const char* name, T& into) {
    const auto member = object.find(name);
    if (member == object.end()) {
        return;
    }
    if (!fits<T>(*member)) {
        throw Error(Kind::Internal, "the member {} of a message is not what it should be",
                    quoted(name));
    }
    into = member->get<T>();
}

std::string read_text(const Json& object, const char* name) {
    std::string text;
    read(object, name, text);
    return text;
}

stream::Algorithm algorithm_from(const std::string& text) {
    const auto algorithm = stream::find_algorithm(text);
    if (!algorithm) {
        throw Error(Kind::Internal, "{} is not a digest algorithm", quoted(text));
    }
    return *algorithm;
}

Json json_of(const UnpackProgress& progress) {
    return {{"answer", "progress"},
            {"packed", progress.packed_bytes},
            {"unpacked", progress.unpacked_bytes},
            {"entries", progress.entries}};
}

Json json_of(const UnpackWarning& warning) {
    return {{"answer", "warning"}, {"text", to_utf8(warning.text)}};
}

Json json_of(const UnpackDone& done) {
    Json digests = Json::object();
    for (const auto& [algorithm, hex] : done.digests) {
        digests[std::string(word(algorithm))] = hex;
    }
    return {{"answer", "unpacked"},
            {"digests", digests},
            {"codec", done.codec},
            {"packed", done.packed_bytes},
            {"unpacked", done.tree.unpacked_bytes},
            {"entries", done.tree.entries},
            {"hoisted", to_utf8(done.tree.hoisted)},
            {"left_out", done.tree.left_out},
            {"sockets", done.tree.sockets},
            {"privileged_xattrs", done.tree.privileged_xattrs},
            {"unsupported_xattrs", done.tree.unsupported_xattrs}};
}

Json json_of(const UnpackFailure& failure) {
    return {{"answer", "error"}, {"kind", word(failure.kind)}, {"text", to_utf8(failure.text)}};
}

UnpackProgress progress_from(const Json& object) {
    UnpackProgress progress;
    read(object, "packed", progress.packed_bytes);
    read(object, "unpacked", progress.unpacked_bytes);
    read(object, "entries", progress.entries);
    return progress;
}

UnpackDone done_from(const Json& object) {
    UnpackDone done;
    const auto digests = object.find("digests");
    if (digests == object.end() || !digests->is_object()) {
        throw Error(Kind::Internal, "a message lacks its digests");
    }
    for (const auto& [name, hex] : digests->items()) {
        const stream::Algorithm algorithm = algorithm_from(name);
        if (!hex.is_string() ||
            hex.get_ref<const std::string&>().size() != stream::hex_length(algorithm)) {
            throw Error(Kind::Internal, "a {} digest in a message is not one", name);
        }
        done.digests[algorithm] = hex.get<std::string>();
    }
    done.codec = read_text(object, "codec");
    read(object, "packed", done.packed_bytes);
    read(object, "unpacked", done.tree.unpacked_bytes);
    read(object, "entries", done.tree.entries);
    done.tree.hoisted = read_text(object, "hoisted");
    read(object, "left_out", done.tree.left_out);
    read(object, "sockets", done.tree.sockets);
    read(object, "privileged_xattrs", done.tree.privileged_xattrs);
    read(object, "unsupported_xattrs", done.tree.unsupported_xattrs);
    return done;
}

UnpackFailure failure_from(const Json& object) {
    const auto kind = find_kind(read_text(object, "kind"));
    return {kind.value_or(Kind::Internal), read_text(object, "text")};
}

} // namespace

std::string to_json(const UnpackRequest& request) {
    Json algorithms = Json::array();
    for (const stream::Algorithm algorithm : request.algorithms) {
        algorithms.push_back(word(algorithm));
    }
    return Json{{"protocol", kProtocol},
                {"do", "unpack-tar"},
                {"name", to_utf8(request.name)},
                {"algorithms", algorithms},
                {"memory", request.memory_bytes},
                {"threading_memory", request.threading_bytes},
                {"threads", request.threads},
                {"max_size", request.tar.budget.size_bytes},
                {"max_ratio", request.tar.budget.ratio},
                {"max_entries", request.tar.budget.entries},
                {"max_depth", request.tar.budget.depth},
                {"max_memory", request.tar.budget.memory_bytes},
                {"privileged_xattrs", request.tar.privileged_xattrs},
                {"skip_unsupported_xattrs", request.tar.skip_unsupported_xattrs}}
        .dump();
}

std::string to_json(const UnpackAnswer& answer) {
    return std::visit([](const auto& one) { return json_of(one).dump(); }, answer);
}

UnpackRequest parse_unpack_request(std::string_view json) {
    const Json object = parse_object(json);
    std::uint64_t protocol = 0;
    read(object, "protocol", protocol);
    if (protocol != kProtocol) {
        throw Error(Kind::Internal, "protocol {} was asked for; this program speaks {}", protocol,
                    kProtocol);
    }
    const std::string work = read_text(object, "do");
    if (work != "unpack-tar") {
        throw Error(Kind::Internal, "asked to do {}; this program does 'unpack-tar'", quoted(work));
    }
    UnpackRequest request;
    request.name = read_text(object, "name");
    if (const auto list = object.find("algorithms"); list != object.end() && list->is_array()) {
        for (const Json& one : *list) {
            request.algorithms.push_back(
                algorithm_from(one.is_string() ? one.get<std::string>() : std::string()));
        }
    }
    read(object, "memory", request.memory_bytes);
    read(object, "threading_memory", request.threading_bytes);
    read(object, "threads", request.threads);
    read(object, "max_size", request.tar.budget.size_bytes);
    read(object, "max_ratio", request.tar.budget.ratio);
    read(object, "max_entries", request.tar.budget.entries);
    read(object, "max_depth", request.tar.budget.depth);
    read(object, "max_memory", request.tar.budget.memory_bytes);
    read(object, "privileged_xattrs", request.tar.privileged_xattrs);
    read(object, "skip_unsupported_xattrs", request.tar.skip_unsupported_xattrs);
    return request;
}

UnpackAnswer parse_unpack_answer(std::string_view json) {
    const Json object = parse_object(json);
    const std::string answer = read_text(object, "answer");
    if (answer == "progress") {
        return progress_from(object);
    }
    if (answer == "warning") {
        return UnpackWarning{read_text(object, "text")};
    }
    if (answer == "unpacked") {
        return done_from(object);
    }
    if (answer == "error") {
        return failure_from(object);
    }
    throw Error(Kind::Internal, "slipway-unpack gave an answer of unknown kind: {}",
                quoted(answer, 80));
}

} // namespace slipway::pull
