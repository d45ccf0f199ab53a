// slipway image-status [NAME...]

#include <chrono>

#include "cli/commands.hh"
#include "cli/image_boots.hh"
#include "cli/image_status.hh"
#include "cli/inspection.hh"
#include "cli/job_request.hh"
#include "cli/pool_status.hh"
#include "storage/sibling.hh"

namespace slipway::cli {
namespace {

std::vector<std::string> siblings_of(const storage::Image& image) {
    std::vector<std::string> names;
    for (const storage::NamedFile& file : storage::find_siblings(image)) {
        names.push_back(file.name);
    }
    if (image.path.has_filename()) {
        if (const auto pool = storage::Pool::find(image.path.parent_path())) {
            for (const auto& file : storage::find_settings_elsewhere(*pool, image.name)) {
                names.push_back(file.name);
            }
        }
    }
    return names;
}

enum class DiskLook { Spared, Taken };

ImageStatus status_of(const Options& options, const std::string& name, DiskLook disk_look) {
    ImageStatus status{.row = find_row(options, name)};
    status.siblings = siblings_of(status.row.image);
    if (options.image_class == storage::ImageClass::Machine) {
        status.settings = find_settings_of(options, name);
    }
    const storage::ImageType type = status.row.image.type;
    const bool is_tree =
        type == storage::ImageType::Directory || type == storage::ImageType::Subvolume;
    if (is_tree) {
        status.inspected = inspect(inspect_request(options, transfer::Verb::Inspect, name));
    }
    if (is_tree || disk_look == DiskLook::Taken) {
        status.boots = find_boot_ways(options, name, status.row.image);
    }
    return status;
}

} // namespace

int cmd_image_status(const Invocation& asked, Console& console) {
    const Options& options = asked.options;
    const bool json = options.json != JsonForm::Off;
    const bool pretty = pretty_json(options, console);
    if (asked.operands.empty()) {
        const PoolStatus status = find_pool_status(options);
        print_result(console, json ? pool_status_json(status, pretty) : pool_status(status));
        return 0;
    }
    // Each look at a disk starts two programs.
    const DiskLook disk_look = asked.operands.size() == 1 ? DiskLook::Taken : DiskLook::Spared;
    std::vector<ImageStatus> all;
    for (const std::string& name : asked.operands) {
        all.push_back(status_of(options, name, disk_look));
    }
    if (json) {
        print_result(console, image_status_json(all, pretty));
        return 0;
    }
    const auto now = std::chrono::duration_cast<std::chrono::microseconds>(
                         std::chrono::system_clock::now().time_since_epoch())
                         .count();
    std::string text;
    for (const ImageStatus& status : all) {
        text += (text.empty() ? "" : "\n") + image_status(status, now);
    }
    print_result(console, text);
    return 0;
}

} // namespace slipway::cli
