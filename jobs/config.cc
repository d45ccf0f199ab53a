// Which files count, and what each of their lines does.

#include "jobs/config.hh"

#include <algorithm>
#include <optional>
#include <set>

#include "base/error.hh"
#include "base/ini_text.hh"
#include "base/nearest.hh"
#include "base/quoted.hh"
#include "jobs/config_table.hh"

namespace slipway::jobs {
namespace {

// By name, each at the last place that has it.
std::map<std::string, std::filesystem::path>
find_drop_ins(const std::vector<std::filesystem::path>& directories) {
    std::map<std::string, std::filesystem::path> found;
    for (const std::filesystem::path& directory : directories) {
        std::error_code error;
        std::filesystem::directory_iterator entries(directory, error);
        if (error && error != std::errc::no_such_file_or_directory) {
            throw Error(kind_of_errno(error.value()), "cannot read the directory {}: {}",
                        quoted(directory.native()), error.message());
        }
        for (const auto& entry : entries) {
            const std::filesystem::path& path = entry.path();
            if (path.extension() == ".conf" && !path.filename().native().starts_with('.')) {
                found[path.filename().native()] = path;
            }
        }
    }
    return found;
}

std::string meant(std::string_view typed, const std::vector<std::string>& known) {
    const auto near = nearest(typed, known);
    return near ? ". Was " + *near + " meant?" : "";
}

// Applies one file after another to one configuration.
class Loading {
public:
    void read(const std::filesystem::path& path) {
        const auto text = read_ini_file_if_exists(path);
        if (!text) {
            return;
        }
        file_ = escaped(path.native());
        sections_warned_.clear();
        try {
            read_ini(*text, [this](const IniKey& key) { apply(key); });
        } catch (Error& error) {
            // "line 7: …" of whoever found it becomes "FILE:7: …".
            constexpr std::string_view kLine = "line ";
            std::string_view what = error.what();
            what.remove_prefix(what.starts_with(kLine) ? kLine.size() : 0);
            throw Error(error.kind(), "{}:{}", file_, what);
        }
    }

    LoadedConfig take() && { return std::move(loaded_); }

private:
    void apply(const IniKey& key) {
        const KeySpec* spec = find_key(key.section, key.name);
        if (spec == nullptr) {
            warn(key);
            return;
        }
        try {
            spec->apply(loaded_.config, key.value);
        } catch (Error& error) {
            error.add_context("line {}: {}", key.line, spec->name);
            throw;
        }
    }

    void warn(const IniKey& key) {
        const std::vector<std::string> sections = config_sections();
        std::string text;
        if (std::find(sections.begin(), sections.end(), key.section) != sections.end()) {
            text = fmt::format("there is no key {} in [{}]; it is passed over{}", quoted(key.name),
                               key.section, meant(key.name, keys_of(key.section)));
        } else if (sections_warned_.emplace(key.section).second) {
            text = fmt::format("there is no section {}; its keys are passed over{}",
                               quoted(key.section), meant(key.section, sections));
        } else {
            return;
        }
        loaded_.warnings.push_back(fmt::format("{}:{}: {}", file_, key.line, text));
    }

    LoadedConfig loaded_;
    std::string file_;
    std::set<std::string, std::less<>> sections_warned_;
};

} // namespace

ConfigPlaces places_of(const std::filesystem::path& file) {
    if (file == ConfigPlaces().file) {
        return {};
    }
    std::filesystem::path drop_ins = file;
    drop_ins += ".d";
    return {.file = file, .drop_ins = {drop_ins}};
}

LoadedConfig load_config(const ConfigPlaces& places) {
    Loading loading;
    loading.read(places.file);
    for (const auto& [name, path] : find_drop_ins(places.drop_ins)) {
        loading.read(path);
    }
    return std::move(loading).take();
}

} // namespace slipway::jobs
