// The columns of machinectl list-images, in its words.

#include "cli/image_list.hh"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <ctime>

#include <fmt/format.h>

#include "base/json.hh"
#include "base/quoted.hh"
#include "base/size.hh"
#include "cli/text_width.hh"

namespace slipway::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kIndent = 4;
constexpr std::size_t kUsageColumn = 3;

std::string time_text(const std::optional<std::int64_t>& microseconds) {
    return microseconds ? format_time(*microseconds) : "-";
}

// The machine, else whatever holds the image.
std::string user_text(const std::optional<storage::ImageUser>& user) {
    if (!user) {
        return "-";
    }
    return user->machine.empty() ? user->holder : escaped(user->machine);
}

Row row_of(const ImageRow& row) {
    const storage::Image& image = row.image;
    return {escaped(image.name.text()),     std::string(storage::word(image.type)),
            image.read_only ? "yes" : "no", usage_text(row.usage),
            time_text(image.created_us),    time_text(image.modified_us)};
}

void align_right(Row& head, std::vector<Row>& rows, std::size_t column, bool with_head) {
    std::size_t width = with_head ? text_width(head[column]) : 0;
    for (const Row& row : rows) {
        width = std::max(width, text_width(row[column]));
    }
    const auto pad = [&](Row& row) {
        row[column].insert(0, width - std::min(width, text_width(row[column])), ' ');
    };
    pad(head);
    std::for_each(rows.begin(), rows.end(), pad);
}

std::string no_images(const ImageRows& rows) {
    std::string text;
    for (const ImageRow& row : rows.shadowed) {
        text += fmt::format("{}: shadowed by {}\n", escaped(row.image.path.string()),
                            escaped(row.shadowed_by.string()));
    }
    for (const auto& path : rows.dangling) {
        text += fmt::format("{}: a link that leads nowhere\n", escaped(path.string()));
    }
    for (const storage::Leftover& leftover : rows.leftovers) {
        const std::string about =
            leftover.image.empty() ? "" : fmt::format(" about {}", quoted(leftover.image));
        text += fmt::format("{}: left over by a job{} that died; slipway clean removes it\n",
                            escaped(leftover.path.string()), about);
    }
    return text;
}

Json optional_number(const auto& number) {
    return number ? Json(*number) : Json(nullptr);
}

std::string utf8(const std::filesystem::path& path) {
    return to_utf8(path.native());
}

} // namespace

std::string format_time(std::int64_t microseconds) {
    const std::time_t seconds = microseconds / 1'000'000;
    std::tm local{};
    std::array<char, 64> text{};
    if (::localtime_r(&seconds, &local) == nullptr ||
        std::strftime(text.data(), text.size(), "%a %Y-%m-%d %H:%M:%S %Z", &local) == 0) {
        return "-";
    }
    return text.data();
}

std::string usage_text(const storage::Usage& usage) {
    return usage.total ? (usage.as_of ? "~" : "") + format_size(*usage.total) : "-";
}

std::string image_list(const ImageRows& rows, bool legend, bool terminal) {
    const bool used = std::any_of(rows.images.begin(), rows.images.end(),
                                  [](const ImageRow& row) { return row.user.has_value(); });
    Row head{"NAME", "TYPE", "RO", "USAGE", "CREATED", "MODIFIED"};
    std::vector<Row> lines;
    for (const ImageRow& row : rows.images) {
        lines.push_back(row_of(row));
        if (used) {
            lines.back().push_back(user_text(row.user));
        }
    }
    if (used) {
        head.emplace_back("MACHINE");
    }
    align_right(head, lines, kUsageColumn, legend);
    std::string text;
    if (!lines.empty()) {
        text = text_table(head, lines, {legend, terminal});
    }
    if (legend) {
        text += lines.empty() ? "No images.\n" : fmt::format("\n{} images listed.\n", lines.size());
        const std::string others = no_images(rows);
        text += others.empty() ? "" : "\n" + others;
    }
    return text;
}

Json image_json(const ImageRow& row) {
    const storage::Image& image = row.image;
    Json one;
    one["name"] = image.name.text();
    one["class"] = storage::word(row.image_class);
    one["type"] = storage::word(image.type);
    one["path"] = utf8(image.path);
    one["ro"] = image.read_only;
    one["created"] = optional_number(image.created_us);
    one["modified"] = optional_number(image.modified_us);
    one["usage"] = optional_number(row.usage.total);
    one["usage_exact"] = row.usage.total && !row.usage.as_of;
    one["usage_as_of"] = nullptr;
    if (row.usage.as_of) {
        one["usage_as_of"] = std::chrono::microseconds(row.usage.as_of->time_since_epoch()).count();
    }
    one["usage_exclusive"] = optional_number(row.usage.exclusive);
    one["limit"] = optional_number(row.usage.limit);
    one["limit_exclusive"] = optional_number(row.usage.exclusive_limit);
    one["used_by"] = nullptr;
    if (row.user) {
        one["used_by"] = {{"machine", to_utf8(row.user->machine)},
                          {"holder", to_utf8(row.user->holder)}};
    }
    one["hidden"] = image.name.text().starts_with('.');
    one["shadowed_by"] = row.shadowed_by.empty() ? Json(nullptr) : Json(utf8(row.shadowed_by));
    one["versions"] = image.versions.empty() ? Json(nullptr) : Json(utf8(image.versions));
    one["dangling"] = false;
    one["leftover"] = false;
    const Json origin = Json::parse(row.origin, nullptr, false);
    one["origin"] = origin.is_object() ? origin : Json(nullptr);
    return one;
}

std::string image_list_json(const ImageRows& rows, bool pretty) {
    Json list = Json::array();
    for (const std::vector<ImageRow>* part : {&rows.images, &rows.shadowed}) {
        for (const ImageRow& row : *part) {
            list.push_back(image_json(row));
        }
    }
    for (const auto& path : rows.dangling) {
        list.push_back(Json{{"name", utf8(path.filename())},
                            {"path", utf8(path)},
                            {"dangling", true},
                            {"leftover", false}});
    }
    for (const storage::Leftover& leftover : rows.leftovers) {
        list.push_back(Json{{"name", utf8(leftover.path.filename())},
                            {"path", utf8(leftover.path)},
                            {"dangling", false},
                            {"leftover", true},
                            {"image", to_utf8(leftover.image)}});
    }
    return list.dump(pretty ? kIndent : -1) + "\n";
}

} // namespace slipway::cli
