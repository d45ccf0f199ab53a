// One walk over the directories; names decide what hides what, as in systemd's drop-in directories.

#include "verify/key_places.hh"

#include <algorithm>
#include <map>
#include <string>
#include <system_error>

namespace slipway::verify {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 4> kPeersRings{
    "etc/systemd/import-pubring.pgp", "etc/systemd/import-pubring.gpg",
    "usr/lib/systemd/import-pubring.pgp", "usr/lib/systemd/import-pubring.gpg"};

bool is_absent(const std::error_code& error) {
    return error == std::errc::no_such_file_or_directory || error == std::errc::not_a_directory;
}

// The first file of each name.
std::map<std::string, fs::path> first_of_each_name(const fs::path& root, KeyPlaces& places) {
    std::map<std::string, fs::path> by_name;
    for (const std::string_view directory : kKeyDirectories) {
        std::error_code error;
        for (fs::directory_iterator at(root / directory, error), end; !error && at != end;
             at.increment(error)) {
            by_name.emplace(at->path().filename().string(), at->path());
        }
        if (error && !is_absent(error)) {
            places.unreadable.push_back(root / directory);
        }
    }
    return by_name;
}

} // namespace

bool is_key_file_name(const fs::path& name) {
    const std::string suffix = name.extension().string();
    return std::find(kKeySuffixes.begin(), kKeySuffixes.end(), suffix) != kKeySuffixes.end();
}

bool is_mask(const fs::path& file) {
    std::error_code error;
    const fs::file_status status = fs::status(file, error);
    return fs::is_character_file(status) ||
           (fs::is_regular_file(status) && fs::file_size(file, error) == 0 && !error);
}

KeyPlaces find_key_places(const fs::path& root) {
    KeyPlaces places;
    for (const auto& [name, path] : first_of_each_name(root, places)) {
        const bool drop_in = path.extension() == kDropInSuffix;
        if (!drop_in && !is_key_file_name(path)) {
            continue;
        }
        (is_mask(path) ? places.masks
         : drop_in     ? places.drop_ins
                       : places.key_files)
            .push_back(path);
    }
    for (const std::string_view ring : kPeersRings) {
        places.peers_rings.push_back(root / ring);
    }
    return places;
}

std::vector<fs::path> files_named(const fs::path& root, std::string_view name) {
    std::vector<fs::path> found;
    const auto look = [&found](fs::path file) {
        std::error_code error;
        if (fs::symlink_status(file, error).type() != fs::file_type::not_found) {
            found.push_back(std::move(file));
        }
    };
    for (const std::string_view directory : kKeyDirectories) {
        const fs::path stem = root / directory / name;
        for (const std::string_view suffix : kKeySuffixes) {
            look(fs::path(stem).concat(suffix));
        }
        look(fs::path(stem).concat(kDropInSuffix));
    }
    return found;
}

} // namespace slipway::verify
