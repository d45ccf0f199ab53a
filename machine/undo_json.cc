// The words are on disk in /run: they stay as they are.

#include "machine/undo_json.hh"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.hh"
#include "base/quoted.hh"

namespace slipway::machine {
namespace {

constexpr std::array<std::pair<Undo::Kind, std::string_view>, 9> kWords{{
    {Undo::Kind::Unmount, "unmount"},
    {Undo::Kind::RemoveCgroup, "remove-cgroup"},
    {Undo::Kind::RemoveImage, "remove-image"},
    {Undo::Kind::RemoveLink, "remove-link"},
    {Undo::Kind::RemoveBridge, "remove-bridge"},
    {Undo::Kind::ReleasePort, "release-port"},
    {Undo::Kind::RemoveTable, "remove-table"},
    {Undo::Kind::RemoveTree, "remove-tree"},
    {Undo::Kind::RemoveDirectory, "remove-directory"},
}};

std::string_view word(Undo::Kind kind) {
    return std::find_if(kWords.begin(), kWords.end(),
                        [kind](const auto& row) { return row.first == kind; })
        ->second;
}

Undo::Kind kind_of(const std::string& text) {
    const auto* row = std::find_if(kWords.begin(), kWords.end(),
                                   [&text](const auto& one) { return one.second == text; });
    if (row == kWords.end()) {
        throw Error(Kind::InvalidArgument, "there is no way to undo called {}", quoted(text));
    }
    return row->first;
}

} // namespace

nlohmann::json undo_to_json(const std::vector<Undo>& list) {
    nlohmann::json json = nlohmann::json::array();
    for (const Undo& step : list) {
        json.push_back({{"kind", word(step.kind)}, {"what", step.what}});
    }
    return json;
}

std::vector<Undo> undo_from_json(const nlohmann::json& list) {
    std::vector<Undo> steps;
    for (const nlohmann::json& step : list) {
        steps.push_back(
            {kind_of(step.at("kind").get<std::string>()), step.at("what").get<std::string>()});
    }
    return steps;
}

} // namespace slipway::machine
