// Groups and names come from the programs; only what can be installed is known here.

#include "cli/feature_list.hh"

#include <array>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/quoted.hh"

namespace slipway::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kIndent = 4;

// "fences" → "fence", "file_system" → "file system".
std::string kind_of(std::string group) {
    if (group.ends_with('s')) {
        group.pop_back();
    }
    for (char& c : group) {
        c = c == '_' ? ' ' : c;
    }
    return escaped(group);
}

// What brings a feature that is missing.
std::string remedy(std::string_view feature) {
    constexpr std::array kPackages{
        std::pair{std::string_view("gpg"), std::string_view("gnupg")},
        std::pair{std::string_view("openpgp"), std::string_view("gnupg")},
        std::pair{std::string_view("gpgme"), std::string_view("gnupg")},
    };
    for (const auto& [name, package] : kPackages) {
        if (name == feature) {
            return fmt::format("install the package {}", package);
        }
    }
    return "";
}

Feature feature(std::string kind, const std::string& name, const std::string& program,
                const Json& value) {
    Feature one{std::move(kind), escaped(name), program, false, ""};
    if (value.is_boolean()) {
        one.here = value.get<bool>();
    } else if (value.is_number_unsigned()) {
        one.here = value.get<std::uint64_t>() != 0;
        one.detail = one.here ? fmt::format("version {}", value.get<std::uint64_t>()) : "";
    } else if (value.is_string()) {
        one.detail = escaped(value.get<std::string>());
        one.here = !one.detail.empty();
    }
    if (!one.here) {
        one.detail = remedy(name);
    }
    return one;
}

std::optional<Json> answer_of(const ProgramFeatures& answer) {
    Json json = Json::parse(answer.json, nullptr, false);
    return answer.problem.empty() && json.is_object() ? std::optional(std::move(json))
                                                      : std::nullopt;
}

std::string problem_of(const ProgramFeatures& answer) {
    return answer.problem.empty() ? fmt::format("said {}", quoted(answer.json, 100))
                                  : answer.problem;
}

} // namespace

std::vector<Feature> features_of(const std::vector<ProgramFeatures>& answers) {
    std::vector<Feature> all;
    for (const ProgramFeatures& answer : answers) {
        const std::optional<Json> json = answer_of(answer);
        if (!json) {
            all.push_back({"program", answer.program, answer.program, false, problem_of(answer)});
            continue;
        }
        for (const auto& [group, members] : json->items()) {
            if (!members.is_object()) {
                continue; // "program": its name
            }
            for (const auto& [name, value] : members.items()) {
                all.push_back(feature(kind_of(group), name, answer.program, value));
            }
        }
    }
    return all;
}

std::string feature_list(const std::vector<Feature>& features, bool legend, bool terminal) {
    std::vector<Row> rows;
    for (const Feature& one : features) {
        rows.push_back({one.kind, one.name, one.program, one.here ? "yes" : "no",
                        one.detail.empty() ? "-" : one.detail});
    }
    return text_table({"KIND", "FEATURE", "PROGRAM", "HERE", "DETAIL"}, rows, {legend, terminal});
}

std::string feature_list_json(const std::vector<ProgramFeatures>& answers, bool pretty) {
    Json all = Json::object();
    for (const ProgramFeatures& answer : answers) {
        const std::optional<Json> json = answer_of(answer);
        all[answer.program] = json ? *json : Json{{"problem", problem_of(answer)}};
    }
    return all.dump(pretty ? kIndent : -1, ' ', false, Json::error_handler_t::replace) + "\n";
}

} // namespace slipway::cli
