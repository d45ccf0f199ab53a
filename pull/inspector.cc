// One answer, and it ends: nothing is asked of it but what it was started for.

#include "pull/inspector.hh"

#include <chrono>
#include <optional>
#include <utility>
#include <vector>

#include "base/child_process.hh"
#include "base/error.hh"
#include "base/json.hh"
#include "base/message.hh"
#include "base/quoted.hh"
#include "disk/boot_ways_json.hh"

namespace slipway::pull {
namespace {

using Json = nlohmann::json;
using Texts = std::map<std::string, std::string>;

constexpr int kControlFd = 3;
constexpr int kTargetFd = 4;
// Four small files, or a few MiB.
constexpr std::chrono::seconds kPatience{30};

Json texts(const Texts& values) {
    Json object = Json::object();
    for (const auto& [name, value] : values) {
        object[to_utf8(name)] = to_utf8(value);
    }
    return object;
}

SystemIdentity identity_of(const Json& object) {
    return {object.value("host_name", ""), object.value("machine_id", ""),
            object.value("machine_info", Texts()), object.value("os_release", Texts())};
}

/// @param wanted  the word of the answer that `read` understands
template <typename Read>
auto parse(const std::string& text, std::string_view wanted, Read read) {
    try {
        const Json object = Json::parse(text);
        const std::string answer = object.at("answer").get<std::string>();
        if (answer == wanted) {
            return read(object);
        }
        if (answer == "error") {
            throw Error(find_kind(object.value("kind", "")).value_or(Kind::Internal), "{}",
                        relayed(object.value("text", "")));
        }
    } catch (const Json::exception&) { // told below
    }
    throw Error(Kind::Internal, "slipway-unpack said {}, which is no answer", quoted(text, 100));
}

std::string ask(const char* work, int target, const std::stop_token& stop) {
    auto [ours, theirs] = make_message_pair();
    ChildProcess child(ChildSpec{.program = find_program("slipway-unpack"),
                                 .arguments = {work},
                                 .fds = {{theirs.get(), kControlFd}, {target, kTargetFd}},
                                 .environment = std::vector<std::string>{},
                                 .own_process_group = true,
                                 .capture_stderr = true});
    theirs.reset();
    std::optional<Message> answer =
        receive_message(ours.get(), stop, std::chrono::steady_clock::now() + kPatience);
    if (!answer) {
        const ChildExit end = child.wait();
        throw Error(Kind::Internal, "slipway-unpack {} without an answer: {}", end.description(),
                    quoted(child.stderr_tail(400)));
    }
    return std::move(answer->text);
}

} // namespace

std::string to_json(const SystemIdentity& identity) {
    Json object = Json::object();
    object["answer"] = "inspected";
    object["host_name"] = to_utf8(identity.host_name);
    object["machine_id"] = to_utf8(identity.machine_id);
    object["machine_info"] = texts(identity.machine_info);
    object["os_release"] = texts(identity.os_release);
    return object.dump();
}

std::string to_json(const disk::BootWays& ways) {
    Json object = disk::boot_ways_object<Json>(ways);
    object["answer"] = "disk-inspected";
    return object.dump();
}

std::string inspect_failure_json(Kind kind, std::string_view text) {
    return Json{{"answer", "error"}, {"kind", word(kind)}, {"text", to_utf8(text)}}.dump();
}

SystemIdentity inspect_tree(int tree, const std::stop_token& stop) {
    return parse(ask("inspect", tree, stop), "inspected", identity_of);
}

disk::BootWays inspect_disk(int disk, const std::stop_token& stop) {
    return parse(ask("inspect-disk", disk, stop), "disk-inspected", disk::parse_boot_ways<Json>);
}

} // namespace slipway::pull
