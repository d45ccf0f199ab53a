// One answer, and it ends: nothing is asked of it but what it was started for.

#include "pull/inspector.hh"

#include <chrono>

#include "base/child_process.hh"
#include "base/error.hh"
#include "base/json.hh"
#include "base/message.hh"
#include "base/quoted.hh"

namespace slipway::pull {
namespace {

using Json = nlohmann::json;
using Texts = std::map<std::string, std::string>;

constexpr int kControlFd = 3;
constexpr int kTargetFd = 4;
// Four small files.
constexpr std::chrono::seconds kPatience{30};

Json texts(const Texts& values) {
    Json object = Json::object();
    for (const auto& [name, value] : values) {
        object[to_utf8(name)] = to_utf8(value);
    }
    return object;
}

SystemIdentity parse(const std::string& text) {
    try {
        const Json object = Json::parse(text);
        const std::string answer = object.at("answer").get<std::string>();
        if (answer == "inspected") {
            return {object.value("host_name", ""), object.value("machine_id", ""),
                    object.value("machine_info", Texts()), object.value("os_release", Texts())};
        }
        if (answer == "error") {
            throw Error(find_kind(object.value("kind", "")).value_or(Kind::Internal), "{}",
                        relayed(object.value("text", "")));
        }
    } catch (const Json::exception&) { // told below
    }
    throw Error(Kind::Internal, "slipway-unpack said {}, which is no answer", quoted(text, 100));
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

std::string inspect_failure_json(Kind kind, std::string_view text) {
    return Json{{"answer", "error"}, {"kind", word(kind)}, {"text", to_utf8(text)}}.dump();
}

SystemIdentity inspect_tree(int tree, const std::stop_token& stop) {
    auto [ours, theirs] = make_message_pair();
    ChildProcess child(ChildSpec{.program = find_program("slipway-unpack"),
                                 .arguments = {"inspect"},
                                 .fds = {{theirs.get(), kControlFd}, {tree, kTargetFd}},
                                 .environment = std::vector<std::string>{},
                                 .own_process_group = true,
                                 .capture_stderr = true});
    theirs.reset();
    const std::optional<Message> answer =
        receive_message(ours.get(), stop, std::chrono::steady_clock::now() + kPatience);
    if (!answer) {
        const ChildExit end = child.wait();
        throw Error(Kind::Internal, "slipway-unpack {} without an answer: {}", end.description(),
                    quoted(child.stderr_tail(400)));
    }
    return parse(answer->text);
}

} // namespace slipway::pull
