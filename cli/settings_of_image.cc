// Where `start` looks for them.

#include "cli/settings_of_image.hh"

#include "base/error.hh"
#include "base/ini_text.hh"
#include "storage/catalog.hh"

namespace slipway::cli {
namespace {

std::string text_of(const machine::SettingsFile& file) {
    try {
        return read_ini_file_if_exists(file.path).value_or("");
    } catch (const Error&) {
        if (file.trust == machine::Trust::Full) {
            throw;
        }
        return ""; // it does not count, and why is on its list
    }
}

// @returns the first of the administrator's, which is the one that was refused
machine::SettingsFile find_wrong_one(const std::string& name) {
    machine::SettingsFile file;
    for (const std::filesystem::path& directory : machine::SettingsPlaces().trusted) {
        file = {.path = directory / (name + ".nspawn"),
                .trust = machine::Trust::Full,
                .settings = {},
                .ignored = {}};
        if (std::filesystem::exists(file.path)) {
            break;
        }
    }
    return file;
}

} // namespace

ImageSettings find_settings_of(const Options& options, const std::string& name) {
    const auto image = storage::locate_image(searched(options), storage::ImageName::parse(name));
    ImageSettings settings;
    try {
        settings.found = machine::find_settings(
            name, {.beside_image = image ? image->image.path.parent_path() : options.pool});
    } catch (const Error& error) {
        if (error.kind() != Kind::InvalidArgument) {
            throw;
        }
        settings.error = error.what();
        settings.found.file = find_wrong_one(name);
    }
    if (settings.found.file) {
        settings.text = text_of(*settings.found.file);
    }
    return settings;
}

} // namespace slipway::cli
