// Groups, names and remedies come from the programs; nothing of them is known here.

#include "cli/feature_list.hh"

#include <cstdint>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/json.hh"
#include "base/quoted.hh"

namespace slipway::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kIndent = 4;
constexpr std::string_view kMissing = "missing; "; // then what would bring it

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

Feature feature(std::string kind, const std::string& name, const std::string& program,
                const Json& value) {
    Feature one{std::move(kind), escaped(name), program, false, ""};
    if (value.is_boolean()) {
        one.here = value.get<bool>();
    } else if (value.is_number_unsigned()) {
        one.here = value.get<std::uint64_t>() != 0;
        one.detail = one.here ? fmt::format("version {}", value.get<std::uint64_t>()) : "";
    } else if (value.is_string()) {
        std::string_view text = value.get_ref<const std::string&>();
        one.here = !text.starts_with(kMissing);
        text.remove_prefix(one.here ? 0 : kMissing.size());
        one.detail = relayed(text);
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
