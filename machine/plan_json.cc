// Paths travel as text: names of images are UTF-8, and mount points and groups are ours.

#include "machine/plan_json.hh"

#include <algorithm>
#include <array>
#include <map>

#include "base/error.hh"
#include "base/json.hh"
#include "base/quoted.hh"
#include "machine/undo_json.hh"

namespace slipway::machine {
namespace {

using nlohmann::json;
using Words = std::vector<std::string>;

constexpr std::array kLinkKinds{"interface", "macvlan", "ipvlan"};

json link_to_json(const HostLink& link) {
    return {{"kind", kLinkKinds[static_cast<std::size_t>(link.kind)]},
            {"host", link.host},
            {"machine", link.machine}};
}

HostLink link_from_json(const json& from) {
    const auto kind = from.at("kind").get<std::string>();
    const auto* const found = std::find(kLinkKinds.begin(), kLinkKinds.end(), kind);
    if (found == kLinkKinds.end()) {
        throw Error(Kind::InvalidArgument, "a launch plan with an interface of kind {}",
                    quoted(kind));
    }
    return {.kind = static_cast<HostLink::Kind>(found - kLinkKinds.begin()),
            .host = from.at("host").get<std::string>(),
            .machine = from.at("machine").get<std::string>()};
}

LaunchPlan read(const json& from) {
    LaunchPlan plan;
    plan.engine = parse_engine(from.at("engine").get<std::string>());
    plan.bridge = from.at("bridge").get<std::string>();
    plan.makes_bridge = from.at("makes_bridge").get<bool>();
    plan.link = from.at("link").get<std::string>();
    plan.kept = from.at("kept").get<std::string>();
    plan.seed_disk = from.at("seed_disk").get<std::string>();
    plan.seed_files = from.at("seed_files").get<std::map<std::string, std::string>>();
    plan.forwards_ssh = from.at("forwards_ssh").get<bool>();
    plan.ssh_user = from.at("ssh_user").get<std::string>();
    for (const auto& [made, old] :
         from.at("kept_copies").get<std::map<std::string, std::string>>()) {
        plan.kept_copies[made] = old;
    }
    plan.arguments = from.at("arguments").get<Words>();
    plan.environment = from.at("environment").get<Words>();
    for (const std::string& group : from.at("cgroups").get<Words>()) {
        plan.cgroups.emplace_back(group);
    }
    plan.mount = from.at("mount").get<std::string>();
    plan.undo = undo_from_json(from.at("undo"));
    plan.machine = from.at("machine").get<std::string>();
    plan.image = from.at("image").get<std::string>();
    plan.root = from.at("root").get<std::string>();
    plan.clone_of = from.at("clone_of").get<std::string>();
    plan.shares_lock = from.at("shares_lock").get<bool>();
    plan.mount_arguments = from.at("mount_arguments").get<Words>();
    plan.poweroff_signal = from.at("poweroff_signal").get<std::string>();
    plan.passes_descriptors = from.at("passes_descriptors").get<bool>();
    plan.boots = from.at("boots").get<bool>();
    plan.sets_addresses = from.at("sets_addresses").get<bool>();
    plan.masquerades = from.at("masquerades").get<bool>();
    for (const json& link : from.at("moved_links")) {
        plan.moved_links.push_back(link_from_json(link));
    }
    for (const auto& [path, content] : from.at("files").get<std::map<std::string, std::string>>()) {
        plan.files[path] = content;
    }
    return plan;
}

void check(const LaunchPlan& plan) {
    if (plan.arguments.empty()) {
        throw Error(Kind::InvalidArgument, "a launch plan without an engine");
    }
    if (plan.mount.empty() != plan.mount_arguments.empty()) {
        throw Error(Kind::InvalidArgument, "a launch plan with half a mount");
    }
}

} // namespace

std::string plan_to_json(const LaunchPlan& plan) {
    Words groups;
    for (const std::filesystem::path& group : plan.cgroups) {
        groups.push_back(group.string());
    }
    json links = json::array();
    for (const HostLink& link : plan.moved_links) {
        links.push_back(link_to_json(link));
    }
    std::map<std::string, std::string> copies;
    for (const auto& [made, old] : plan.kept_copies) {
        copies[made.string()] = old.string();
    }
    std::map<std::string, std::string> files;
    for (const auto& [path, content] : plan.files) {
        files[path.string()] = content;
    }
    return json{{"engine", word(plan.engine)},
                {"arguments", plan.arguments},
                {"environment", plan.environment},
                {"cgroups", groups},
                {"mount", plan.mount.string()},
                {"undo", undo_to_json(plan.undo)},
                {"machine", plan.machine},
                {"image", plan.image},
                {"root", plan.root.string()},
                {"clone_of", plan.clone_of.string()},
                {"shares_lock", plan.shares_lock},
                {"mount_arguments", plan.mount_arguments},
                {"poweroff_signal", plan.poweroff_signal},
                {"passes_descriptors", plan.passes_descriptors},
                {"boots", plan.boots},
                {"sets_addresses", plan.sets_addresses},
                {"masquerades", plan.masquerades},
                {"bridge", plan.bridge},
                {"makes_bridge", plan.makes_bridge},
                {"link", plan.link},
                {"kept", plan.kept.string()},
                {"seed_disk", plan.seed_disk.string()},
                {"seed_files", plan.seed_files},
                {"forwards_ssh", plan.forwards_ssh},
                {"ssh_user", plan.ssh_user},
                {"kept_copies", copies},
                {"moved_links", links},
                {"files", files}}
        .dump();
}

LaunchPlan plan_from_json(const std::string& text) {
    try {
        const LaunchPlan plan = read(json::parse(text));
        check(plan);
        return plan;
    } catch (const json::exception& error) {
        throw Error(Kind::InvalidArgument, "what was given is no launch plan: {}",
                    escaped(error.what()));
    }
}

} // namespace slipway::machine
