// A place is asked in turn; what is found first is read.

#include "machine/settings_places.hh"

#include "base/error.hh"
#include "base/ini_text.hh"
#include "base/quoted.hh"

namespace slipway::machine {
namespace {

// Reads it when nothing was found before it, and otherwise remembers that it is there.
void look_at(const std::filesystem::path& path, Trust trust, FoundSettings& found) {
    if (found.file) {
        if (exists(symlink_status(path))) {
            found.outranked.push_back(path);
        }
        return;
    }
    try {
        if (const auto text = read_ini_file_if_exists(path)) {
            found.file = read_settings(*text, path, trust);
        }
    } catch (const Error& error) {
        if (trust == Trust::Full) {
            throw;
        }
        // Nobody's file keeps a machine from being started; it may be an image called "x.nspawn".
        found.file = SettingsFile{.path = path,
                                  .trust = trust,
                                  .settings = {},
                                  .ignored = {{.line = 0, .setting = "", .reason = error.what()}}};
    }
}

} // namespace

FoundSettings find_settings(const std::string& name, const SettingsPlaces& places) {
    FoundSettings found;
    const std::string file = name + ".nspawn";
    for (const std::filesystem::path& directory : places.trusted) {
        look_at(directory / file, Trust::Full, found);
    }
    look_at(places.beside_image / file, Trust::None, found);
    return found;
}

} // namespace slipway::machine
