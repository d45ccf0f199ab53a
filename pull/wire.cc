// JSON of docs/protocol.md §3. What comes from the other program is checked member by member: the
// one is confined because it may be taken over.

#include "pull/wire.hh"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <type_traits>

#include "base/error.hh"
#include "base/json.hh"
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

constexpr std::array kWorks{Work::Tree, Work::Disk, Work::Copy, Work::Digest};

std::string_view word(Work work) {
    switch (work) {
    case Work::Tree:
        return "unpack-tar";
    case Work::Disk:
        return "unpack-disk";
    case Work::Copy:
        return "copy";
    case Work::Digest:
        return "digest";
    }
    std::abort();
}

Work work_from(const std::string& text) {
    const auto found = std::find_if(kWorks.begin(), kWorks.end(),
                                    [&text](Work work) { return word(work) == text; });
    if (found == kWorks.end()) {
        throw Error(Kind::Internal,
                    "asked to do {}; this program does 'unpack-tar', 'unpack-disk', 'copy' and "
                    "'digest'",
                    quoted(text));
    }
    return *found;
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

Json json_of(const DiskAnnounced& disk) {
    return {{"answer", "disk"}, {"size", disk.size_bytes}};
}

Json json_of(const Unpacked& tree) {
    return {{"answer", "unpacked"},
            {"unpacked", tree.unpacked_bytes},
            {"entries", tree.entries},
            {"hoisted", to_utf8(tree.hoisted)},
            {"left_out", tree.left_out},
            {"sockets", tree.sockets},
            {"privileged_xattrs", tree.privileged_xattrs},
            {"unsupported_xattrs", tree.unsupported_xattrs}};
}

Json json_of(const UnpackedDisk& disk) {
    return {{"answer", "unpacked-disk"},
            {"format", disk.format},
            {"member", to_utf8(disk.member)},
            {"size", disk.size_bytes},
            {"data", disk.data_bytes}};
}

Json json_of(const stream::Digests& digests) {
    Json object = Json::object();
    for (const auto& [algorithm, hex] : digests) {
        object[std::string(word(algorithm))] = hex;
    }
    return object;
}

Json json_of(const UnpackDone& done) {
    Json object = std::visit([](const auto& what) { return json_of(what); }, done.what);
    object["digests"] = json_of(done.digests);
    object["codec"] = done.codec;
    object["packed"] = done.packed_bytes;
    if (!done.not_kept.empty()) {
        object["not_kept"] = to_utf8(done.not_kept);
    }
    return object;
}

Json json_of(const UnpackFailure& failure) {
    Json object{{"answer", "error"}, {"kind", word(failure.kind)}, {"text", to_utf8(failure.text)}};
    if (!failure.digests.empty()) {
        object["digests"] = json_of(failure.digests);
    }
    return object;
}

UnpackProgress progress_from(const Json& object) {
    UnpackProgress progress;
    read(object, "packed", progress.packed_bytes);
    read(object, "unpacked", progress.unpacked_bytes);
    read(object, "entries", progress.entries);
    return progress;
}

Unpacked tree_from(const Json& object) {
    Unpacked tree;
    read(object, "unpacked", tree.unpacked_bytes);
    read(object, "entries", tree.entries);
    tree.hoisted = read_text(object, "hoisted");
    read(object, "left_out", tree.left_out);
    read(object, "sockets", tree.sockets);
    read(object, "privileged_xattrs", tree.privileged_xattrs);
    read(object, "unsupported_xattrs", tree.unsupported_xattrs);
    return tree;
}

UnpackedDisk disk_from(const Json& object) {
    UnpackedDisk disk;
    disk.format = read_text(object, "format");
    disk.member = read_text(object, "member");
    read(object, "size", disk.size_bytes);
    read(object, "data", disk.data_bytes);
    return disk;
}

stream::Digests digests_from(const Json& object) {
    const auto listed = object.find("digests");
    if (listed == object.end() || !listed->is_object()) {
        throw Error(Kind::Internal, "a message lacks its digests");
    }
    stream::Digests digests;
    for (const auto& [name, hex] : listed->items()) {
        const stream::Algorithm algorithm = algorithm_from(name);
        if (!hex.is_string() ||
            hex.get_ref<const std::string&>().size() != stream::hex_length(algorithm)) {
            throw Error(Kind::Internal, "a {} digest in a message is not one", name);
        }
        digests[algorithm] = hex.get<std::string>();
    }
    return digests;
}

UnpackDone done_from(const Json& object) {
    UnpackDone done;
    done.digests = digests_from(object);
    done.codec = read_text(object, "codec");
    read(object, "packed", done.packed_bytes);
    read(object, "not_kept", done.not_kept);
    return done;
}

UnpackFailure failure_from(const Json& object) {
    const auto kind = find_kind(read_text(object, "kind"));
    return {kind.value_or(Kind::Internal), read_text(object, "text"),
            object.contains("digests") ? digests_from(object) : stream::Digests()};
}

} // namespace

std::string to_json(const UnpackRequest& request) {
    Json algorithms = Json::array();
    for (const stream::Algorithm algorithm : request.algorithms) {
        algorithms.push_back(word(algorithm));
    }
    return Json{{"protocol", kProtocol},
                {"do", word(request.work)},
                {"name", to_utf8(request.name)},
                {"algorithms", algorithms},
                {"memory", request.memory_bytes},
                {"threading_memory", request.threading_bytes},
                {"threads", request.threads},
                {"max_size", request.budget.size_bytes},
                {"max_ratio", request.budget.ratio},
                {"max_entries", request.budget.entries},
                {"max_depth", request.budget.depth},
                {"max_memory", request.budget.memory_bytes},
                {"privileged_xattrs", request.tar.privileged_xattrs},
                {"skip_unsupported_xattrs", request.tar.skip_unsupported_xattrs},
                {"copy", request.copy},
                {"keep", request.keep},
                {"to_the_end", request.to_the_end}}
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
    UnpackRequest request;
    request.work = work_from(read_text(object, "do"));
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
    read(object, "max_size", request.budget.size_bytes);
    read(object, "max_ratio", request.budget.ratio);
    read(object, "max_entries", request.budget.entries);
    read(object, "max_depth", request.budget.depth);
    read(object, "max_memory", request.budget.memory_bytes);
    read(object, "privileged_xattrs", request.tar.privileged_xattrs);
    read(object, "skip_unsupported_xattrs", request.tar.skip_unsupported_xattrs);
    read(object, "copy", request.copy);
    read(object, "keep", request.keep);
    read(object, "to_the_end", request.to_the_end);
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
    if (answer == "disk") {
        DiskAnnounced disk;
        read(object, "size", disk.size_bytes);
        return disk;
    }
    if (answer == "unpacked" || answer == "unpacked-disk") {
        UnpackDone done = done_from(object);
        if (answer == "unpacked") {
            done.what = tree_from(object);
        } else {
            done.what = disk_from(object);
        }
        return done;
    }
    if (answer == "error") {
        return failure_from(object);
    }
    throw Error(Kind::Internal, "slipway-unpack gave an answer of unknown kind: {}",
                quoted(answer, 80));
}

} // namespace slipway::pull
