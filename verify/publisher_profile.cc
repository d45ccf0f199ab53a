// A File= begins a rule, the Document= and Host= lines behind it are its. Regular expressions come
// from root alone; what they are matched against is bounded.

#include "verify/publisher_profile.hh"

#include <algorithm>
#include <cctype>
#include <map>
#include <optional>
#include <system_error>

#include "base/child_process.hh"
#include "base/error.hh"
#include "base/ini_text.hh"
#include "base/quoted.hh"
#include "verify/key_places.hh"

namespace slipway::verify {
namespace {

// std::regex recurses for every character.
constexpr std::size_t kMaxNameBytes = 255;

[[noreturn]] void refuse(const IniKey& key, std::string_view expected) {
    throw Error(Kind::InvalidArgument, "line {}: {}={}: expected {}", key.line, key.name,
                quoted(key.value, 80), expected);
}

std::regex parse_pattern(const IniKey& key) {
    try {
        return std::regex(std::string(key.value), std::regex::ECMAScript | std::regex::optimize);
    } catch (const std::regex_error&) {
        refuse(key, "a regular expression (ECMAScript)");
    }
}

class Reader {
public:
    void take(const IniKey& key) {
        if (key.section != "Profile") {
            throw Error(Kind::InvalidArgument, "line {}: [{}] is unknown; expected [Profile]",
                        key.line, escaped(key.section));
        }
        if (key.name == "File") {
            rules_.push_back({parse_pattern(key), {}, {}});
            return;
        }
        if (rules_.empty()) {
            refuse(key, "a File= before it");
        }
        if (key.name == "Document") {
            take_document(key);
        } else if (key.name == "Host") {
            rules_.back().hosts.push_back(take_host(key));
        } else {
            refuse(key, "File=, Host= or Document=");
        }
    }

    std::vector<ProfileRule> finish() {
        for (const ProfileRule& rule : rules_) {
            if (rule.documents.empty()) {
                throw Error(Kind::InvalidArgument, "a File= has no Document= behind it");
            }
        }
        return std::move(rules_);
    }

private:
    void take_document(const IniKey& key) {
        if (key.value.empty() || key.value.find('/') != std::string_view::npos) {
            refuse(key, "a file name; documents lie beside the image");
        }
        rules_.back().documents.emplace_back(key.value);
    }

    static std::string take_host(const IniKey& key) {
        if (key.value.empty() || key.value.find('/') != std::string_view::npos) {
            refuse(key, "a host, with :PORT where it has one");
        }
        std::string host(key.value);
        std::transform(host.begin(), host.end(), host.begin(), [](unsigned char letter) {
            return static_cast<char>(std::tolower(letter));
        });
        return host;
    }

    std::vector<ProfileRule> rules_;
};

bool covers(const ProfileRule& rule, const Url& image) {
    return rule.hosts.empty() ||
           std::find(rule.hosts.begin(), rule.hosts.end(), image.host()) != rule.hosts.end();
}

// By name, each where it is found first.
std::map<std::string, std::filesystem::path>
find_profiles(const std::vector<std::filesystem::path>& directories) {
    std::map<std::string, std::filesystem::path> found;
    for (const std::filesystem::path& directory : directories) {
        std::error_code error;
        for (std::filesystem::directory_iterator at(directory, error), end; !error && at != end;
             at.increment(error)) {
            const std::string name = at->path().filename().string();
            if (name.ends_with(".conf") && !name.starts_with('.')) {
                found.emplace(name, at->path());
            }
        }
    }
    std::erase_if(found, [](const auto& profile) { return is_mask(profile.second); });
    return found;
}

std::vector<std::filesystem::path> system_places() {
    // A build tree keeps them as the sources do.
    const std::filesystem::path programs = find_program("slipway-transfer").parent_path();
    return {"/etc/slipway/publishers.d", "/run/slipway/publishers.d", programs / "publishers.d",
            programs / "data/publishers.d"};
}

} // namespace

std::vector<std::string> PublisherProfiles::documents(const Url& image) const {
    std::vector<std::string> names;
    const std::string file = image.file_name();
    if (file.size() > kMaxNameBytes) {
        return names;
    }
    for (const ProfileRule& rule : rules) {
        std::smatch match;
        if (!covers(rule, image) || !std::regex_match(file, match, rule.file)) {
            continue;
        }
        for (const std::string& document : rule.documents) {
            const std::string name = match.format(document);
            if (std::find(names.begin(), names.end(), name) == names.end()) {
                names.push_back(name);
            }
        }
    }
    return names;
}

void add_profile(PublisherProfiles& profiles, std::string_view text, const std::string& name) {
    try {
        Reader reader;
        read_ini(text, [&reader](const IniKey& key) { reader.take(key); });
        for (ProfileRule& rule : reader.finish()) {
            profiles.rules.push_back(std::move(rule));
        }
    } catch (const Error& error) {
        profiles.warnings.push_back(
            fmt::format("profile {}: {}; it is passed over", quoted(name), error.what()));
    }
}

PublisherProfiles load_publisher_profiles(const std::vector<std::filesystem::path>& directories) {
    PublisherProfiles profiles;
    for (const auto& [name, path] : find_profiles(directories)) {
        try {
            add_profile(profiles, read_ini_file_if_exists(path).value_or(""), path.string());
        } catch (const Error& error) {
            profiles.warnings.push_back(fmt::format("profile {}; it is passed over", error.what()));
        }
    }
    return profiles;
}

PublisherProfiles load_publisher_profiles() {
    return load_publisher_profiles(system_places());
}

} // namespace slipway::verify
