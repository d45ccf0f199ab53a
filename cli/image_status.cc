// Keys and their order are machinectl's; ours follow.

#include "cli/image_status.hh"

#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/json.hh"
#include "base/quoted.hh"
#include "base/size.hh"
#include "cli/image_boots.hh"
#include "cli/image_list.hh"
#include "disk/boot_ways_json.hh"

namespace slipway::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kIndent = 4;

constexpr std::size_t kBlockIndent = 18; // where values begin

class Lines {
public:
    void add(std::string_view key, const std::string& value) {
        if (!value.empty()) {
            text_ += fmt::format("{:>16}: {}\n", key, value);
        }
    }
    /// A value of more than one line.
    void add_block(std::string_view key, std::string value) {
        for (std::size_t at = 0; (at = value.find('\n', at)) != value.npos; at += kBlockIndent) {
            value.insert(++at, kBlockIndent, ' ');
        }
        add(key, value);
    }
    std::string text() && { return std::move(text_); }

private:
    std::string text_;
};

std::string time_and_age(std::optional<std::int64_t> microseconds, std::int64_t now_us) {
    return microseconds ? fmt::format("{}; {}", format_time(*microseconds),
                                      format_age(*microseconds, now_us))
                        : "";
}

std::string with_exclusive(const std::optional<std::uint64_t>& total,
                           const std::optional<std::uint64_t>& exclusive) {
    if (!total) {
        return exclusive ? fmt::format("(exclusive: {})", format_size(*exclusive)) : "";
    }
    return exclusive && exclusive != total
               ? fmt::format("{} (exclusive: {})", format_size(*total), format_size(*exclusive))
               : format_size(*total);
}

std::string usage_line(const storage::Usage& usage, std::int64_t now_us) {
    std::string text = with_exclusive(usage.total, usage.exclusive);
    if (usage.as_of) {
        const auto us = std::chrono::microseconds(usage.as_of->time_since_epoch()).count();
        text = fmt::format("~{} (walked {}; --exact walks now)", text, format_age(us, now_us));
    }
    return text;
}

std::string value_of(const std::map<std::string, std::string>& values, const std::string& name) {
    const auto found = values.find(name);
    return found == values.end() ? "" : escaped(found->second);
}

std::string os_name(const transfer::Inspected& system) {
    for (const char* name : {"PRETTY_NAME", "NAME", "ID"}) {
        if (std::string value = value_of(system.os_release, name); !value.empty()) {
            return value;
        }
    }
    return {};
}

void add_system(Lines& lines, const transfer::Inspected& system) {
    lines.add("Hostname", escaped(system.host_name));
    lines.add("Machine ID", escaped(system.machine_id));
    lines.add("Deployment", value_of(system.machine_info, "DEPLOYMENT"));
    lines.add("OS", os_name(system));
}

std::string text_of(const Json& object, const char* member) {
    const auto found = object.find(member);
    return found != object.end() && found->is_string() ? escaped(found->get<std::string>()) : "";
}

// What it is a clone of: the image, by the name that it had then.
void add_parent(Lines& lines, const Json& origin) {
    const auto parent = origin.find("parent");
    if (parent != origin.end() && parent->is_object()) {
        lines.add("Parent",
                  fmt::format("{} ({})", text_of(*parent, "name"), text_of(*parent, "path")));
    }
}

// What was written beside it when it came; it proves nothing.
void add_origin(Lines& lines, const std::string& origin, std::int64_t now_us) {
    const Json object = Json::parse(origin, nullptr, false);
    if (!object.is_object()) {
        return;
    }
    lines.add("Source", text_of(object, "source"));
    lines.add("Verdict", text_of(object, "verdict"));
    const std::string owner = text_of(object, "owner");
    const std::string key = text_of(object, "key");
    lines.add("Key", owner.empty() ? key : fmt::format("{} ({})", key, owner));
    const std::string digest = text_of(object, "digest");
    lines.add("Digest",
              digest.empty() ? "" : fmt::format("{}:{}", text_of(object, "algorithm"), digest));
    if (const auto fetched = object.find("fetched");
        fetched != object.end() && fetched->is_number_integer()) {
        lines.add("Fetched", time_and_age(fetched->get<std::int64_t>() * 1'000'000, now_us));
    }
    add_parent(lines, object);
}

// Those of its machine: the file that counts, and what of it does not.
void add_settings(Lines& lines, const ImageSettings& settings) {
    if (!settings.found.file) {
        return;
    }
    const machine::SettingsFile& file = *settings.found.file;
    lines.add("Settings", escaped(file.path.native()));
    lines.add("Wrong", settings.error);
    for (const machine::IgnoredLine& ignored : file.ignored) {
        lines.add("Ignored", machine::text_of(ignored, file.path.filename()));
    }
    for (const std::filesystem::path& path : settings.found.outranked) {
        lines.add("Not read", escaped(path.native()));
    }
}

Json settings_json(const ImageSettings& settings) {
    if (!settings.found.file) {
        return nullptr;
    }
    const machine::SettingsFile& file = *settings.found.file;
    Json object;
    object["path"] = to_utf8(file.path.native());
    object["trusted"] = file.trust == machine::Trust::Full;
    object["error"] = to_utf8(settings.error);
    object["ignored"] = Json::array();
    for (const machine::IgnoredLine& ignored : file.ignored) {
        object["ignored"].push_back({{"line", ignored.line},
                                     {"setting", to_utf8(ignored.setting)},
                                     {"reason", to_utf8(ignored.reason)}});
    }
    object["not_read"] = Json::array();
    for (const std::filesystem::path& path : settings.found.outranked) {
        object["not_read"].push_back(to_utf8(path.native()));
    }
    return object;
}

std::string number_or(const std::optional<std::uint64_t>& number, std::string_view otherwise) {
    return number ? std::to_string(*number) : std::string(otherwise);
}

Json optional_number(const std::optional<std::uint64_t>& number) {
    return number ? Json(*number) : Json(nullptr);
}

// How systemd's bus has it: unknown usage is the largest number, which machinectl prints as it is.
constexpr std::string_view kUnknown = "18446744073709551615";
constexpr std::string_view kUnlimited = "infinity";

} // namespace

std::string format_age(std::int64_t microseconds, std::int64_t now_us) {
    const bool past = microseconds <= now_us;
    const std::int64_t seconds = (past ? now_us - microseconds : microseconds - now_us) / 1'000'000;
    struct Unit {
        std::int64_t seconds;
        std::string_view one;
        std::string_view many;
    };
    constexpr std::array kUnits{Unit{31'557'600, " year", " years"},
                                Unit{2'629'800, " month", " months"},
                                Unit{604'800, " week", " weeks"},
                                Unit{86'400, " day", " days"},
                                Unit{3'600, "h", "h"},
                                Unit{60, "min", "min"},
                                Unit{1, "s", "s"}};
    std::string text;
    std::int64_t rest = seconds;
    int parts = 0;
    for (const Unit& unit : kUnits) {
        const std::int64_t count = rest / unit.seconds;
        if (count > 0 && parts < 2) {
            text += fmt::format("{}{}{}", parts > 0 ? " " : "", count,
                                count == 1 ? unit.one : unit.many);
            rest %= unit.seconds;
            ++parts;
        } else if (parts > 0) {
            break; // "1 year 3s" says no more than "1 year"
        }
    }
    return text.empty() ? "now" : text + (past ? " ago" : " left");
}

std::string image_status(const ImageStatus& status, std::int64_t now_us) {
    const storage::Image& image = status.row.image;
    Lines lines;
    lines.add("Type", std::string(storage::word(image.type)));
    lines.add("Path", escaped(image.path.string()));
    if (status.inspected) {
        add_system(lines, *status.inspected);
    }
    if (status.boots) {
        lines.add_block("Boots", boot_text(*status.boots));
    }
    lines.add("RO", image.read_only ? "read-only" : "writable");
    lines.add("Created", time_and_age(image.created_us, now_us));
    lines.add("Modified", time_and_age(image.modified_us, now_us));
    lines.add("Usage", usage_line(status.row.usage, now_us));
    lines.add("Limit", with_exclusive(status.row.usage.limit, status.row.usage.exclusive_limit));
    std::vector<std::string> siblings;
    std::transform(status.siblings.begin(), status.siblings.end(), std::back_inserter(siblings),
                   [](const std::string& name) { return escaped(name); });
    lines.add("Siblings", fmt::format("{}", fmt::join(siblings, " ")));
    add_settings(lines, status.settings);
    if (status.row.user) {
        lines.add("Machine", escaped(status.row.user->machine));
        lines.add("Used by", status.row.user->holder);
    }
    lines.add("Versions", escaped(image.versions.string()));
    add_origin(lines, status.row.origin, now_us);
    return escaped(image.name.text()) + "\n" + std::move(lines).text();
}

std::string image_status_json(const std::vector<ImageStatus>& all, bool pretty) {
    Json list = Json::array();
    for (const ImageStatus& status : all) {
        Json one = image_json(status.row);
        one["siblings"] = Json::array();
        for (const std::string& name : status.siblings) {
            one["siblings"].push_back(to_utf8(name));
        }
        one["settings"] = settings_json(status.settings);
        const transfer::Inspected system = status.inspected.value_or(transfer::Inspected{});
        one["host_name"] = to_utf8(system.host_name);
        one["machine_id"] = to_utf8(system.machine_id);
        one["machine_info"] = system.machine_info;
        one["os_release"] = system.os_release;
        one["boots"] = status.boots ? disk::boot_ways_object<Json>(*status.boots) : Json(nullptr);
        list.push_back(std::move(one));
    }
    return list.dump(pretty ? kIndent : -1) + "\n";
}

std::string pool_status(const PoolStatus& status) {
    Lines lines;
    lines.add("Path", escaped(status.path.string()));
    lines.add("File system", status.file_system);
    lines.add("Usage", with_exclusive(status.usage.total, status.usage.exclusive));
    lines.add("Limit", with_exclusive(status.usage.limit, status.usage.exclusive_limit));
    lines.add("Free", format_size(status.free_bytes));
    return std::move(lines).text();
}

std::string pool_status_json(const PoolStatus& status, bool pretty) {
    Json object;
    object["path"] = to_utf8(status.path.native());
    object["file_system"] = status.file_system;
    object["usage"] = optional_number(status.usage.total);
    object["limit"] = optional_number(status.usage.limit);
    object["free"] = status.free_bytes;
    return object.dump(pretty ? kIndent : -1) + "\n";
}

std::vector<Property> properties_of(const ImageRow& row) {
    const storage::Image& image = row.image;
    return {{"Name", image.name.text()},
            {"Path", image.path.string()},
            {"Type", std::string(storage::word(image.type))},
            {"ReadOnly", image.read_only ? "yes" : "no"},
            {"CreationTimestamp", std::to_string(image.created_us.value_or(0))},
            {"ModificationTimestamp", std::to_string(image.modified_us.value_or(0))},
            {"Usage", number_or(row.usage.total, kUnknown)},
            {"Limit", number_or(row.usage.limit, kUnlimited)},
            {"UsageExclusive", number_or(row.usage.exclusive, kUnknown)},
            {"LimitExclusive", number_or(row.usage.exclusive_limit, kUnlimited)}};
}

std::vector<Property> properties_of(const PoolStatus& status) {
    return {{"PoolPath", status.path.string()},
            {"PoolUsage", number_or(status.usage.total, kUnknown)},
            {"PoolLimit", number_or(status.usage.limit, kUnlimited)}};
}

std::string property_lines(const std::vector<Property>& properties,
                           const std::vector<std::string>& wanted, bool value_only) {
    std::string text;
    for (const Property& property : properties) {
        if (wanted.empty() ||
            std::find(wanted.begin(), wanted.end(), property.name) != wanted.end()) {
            text += value_only ? "" : property.name + "=";
            text += escaped(property.value, 4096) + "\n";
        }
    }
    return text;
}

} // namespace slipway::cli
