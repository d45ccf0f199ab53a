// The columns of machinectl list-images, in its words.

#include "cli/image_list.hh"

#include <array>
#include <ctime>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/quoted.hh"

namespace slipway::cli {
namespace {

constexpr int kIndent = 4;

Row row_of(const storage::Image& image) {
    return {escaped(image.name.text()), std::string(storage::word(image.type)),
            image.read_only ? "yes" : "no",
            image.created_us ? format_time(*image.created_us) : "-"};
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

std::string image_list(const std::vector<storage::Image>& images, bool legend, bool terminal) {
    if (images.empty()) {
        return legend ? "No images.\n" : "";
    }
    std::vector<Row> rows;
    for (const storage::Image& image : images) {
        rows.push_back(row_of(image));
    }
    const std::string table =
        text_table({"NAME", "TYPE", "RO", "CREATED"}, rows, {legend, terminal});
    return legend ? fmt::format("{}\n{} images listed.\n", table, images.size()) : table;
}

std::string image_list_json(const std::vector<storage::Image>& images, bool pretty) {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const storage::Image& image : images) {
        nlohmann::ordered_json one;
        one["name"] = image.name.text();
        one["type"] = storage::word(image.type);
        one["ro"] = image.read_only;
        one["created"] = nullptr;
        if (image.created_us) {
            one["created"] = *image.created_us;
        }
        list.push_back(std::move(one));
    }
    return list.dump(pretty ? kIndent : -1) + "\n";
}

} // namespace slipway::cli
