// Rules are made of all drop-ins for one URL at a time; nothing is remembered between URLs.

#include "verify/key_store.hh"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/error.hh"
#include "base/ini_text.hh"
#include "base/quoted.hh"
#include "verify/key_places.hh"
#include "verify/url_prefix.hh"

namespace slipway::verify {
namespace {

namespace fs = std::filesystem;

// The length of the longest of its prefixes that covers the place; 0 when none does.
std::size_t longest_cover(const KeyBinding& binding, std::string_view place) {
    std::size_t longest = 0;
    for (const std::string& prefix : binding.prefixes) {
        longest = std::max(longest, covers(prefix, place) ? prefix.size() : 0);
    }
    return longest;
}

// As Signature::rings names a file, whatever its name holds.
std::string ring_name(const fs::path& file) {
    return relayed(to_utf8(file.native()));
}

void reserve(KeyScope::Rules& rules, const KeyBinding& binding) {
    rules.reserved_by.push_back(binding.conf.filename());
    rules.refuse_stale = rules.refuse_stale || binding.refuse_stale;
    if (!binding.problem.empty()) {
        return;
    }
    for (const std::string& fingerprint : binding.fingerprints) {
        std::set<std::string>& files = rules.counted[fingerprint];
        if (is_key_number(fingerprint)) {
            files.insert(ring_name(binding.file));
        }
        if (binding.accept_expired) {
            rules.accept_expired.insert(fingerprint);
        }
    }
}

void bind(KeyScope::Rules& rules, const KeyBinding& binding, const std::vector<fs::path>& files) {
    const std::string name = binding.conf.filename();
    for (const std::string& fingerprint : binding.fingerprints) {
        rules.bound.emplace(fingerprint, name);
    }
    if (binding.problem.empty()) {
        rules.bound_files.emplace(ring_name(binding.file), name);
        return;
    }
    rules.closed_files.emplace(ring_name(binding.file), name);
    for (const fs::path& file : files) { // File= may be what could not be read
        if (file.stem() == binding.name) {
            rules.closed_files.emplace(ring_name(file), name);
        }
    }
}

KeyBinding read_drop_in(const fs::path& conf) {
    std::string problem;
    try {
        if (const auto text = read_ini_file_if_exists(conf)) {
            return parse_drop_in(conf, *text);
        }
        problem = fmt::format("{} is a link to nothing", quoted(conf.native()));
    } catch (const Error& error) {
        problem = error.what();
    }
    KeyBinding binding = parse_drop_in(conf, "");
    binding.problem = std::move(problem);
    return binding;
}

// The file that is read under the name of the one beside the drop-in.
void find_file(KeyBinding& binding, const std::vector<fs::path>& files) {
    const auto found = std::find_if(files.begin(), files.end(), [&binding](const fs::path& file) {
        return file.filename() == binding.file.filename();
    });
    binding.file = found == files.end() ? binding.file : *found;
}

} // namespace

KeyScope KeyStore::scope(const Url& image) const {
    KeyScope::Rules rules = scope_elsewhere().rules();
    const std::string place = normalised_place(image);
    std::size_t longest = 0;
    for (const KeyBinding& binding : bindings) {
        longest = std::max(longest, longest_cover(binding, place));
    }
    for (const KeyBinding& binding : bindings) {
        if (longest > 0 && unreadable.empty() && longest_cover(binding, place) == longest) {
            reserve(rules, binding);
        }
    }
    return KeyScope(std::move(rules));
}

KeyScope KeyStore::scope_elsewhere() const {
    KeyScope::Rules rules;
    for (const fs::path& directory : unreadable) {
        rules.reserved_by.push_back(directory);
    }
    for (const KeyBinding& binding : bindings) {
        bind(rules, binding, files);
    }
    return KeyScope(std::move(rules));
}

KeyStore load_key_store(const fs::path& root) {
    KeyPlaces places = find_key_places(root);
    KeyStore store;
    store.files = places.key_files;
    store.files.insert(store.files.end(), places.peers_rings.begin(), places.peers_rings.end());
    store.unreadable = std::move(places.unreadable);
    for (const fs::path& directory : store.unreadable) {
        store.warnings.push_back(
            fmt::format("cannot read {}: what it pins is not known, and so no key counts",
                        quoted(directory.native())));
    }
    for (const fs::path& conf : places.drop_ins) {
        KeyBinding binding = read_drop_in(conf);
        find_file(binding, places.key_files);
        if (!binding.problem.empty()) {
            store.warnings.push_back(
                fmt::format("{}; its keys count nowhere until that is right", binding.problem));
        }
        store.bindings.push_back(std::move(binding));
    }
    return store;
}

KeyStore key_store_of(std::vector<fs::path> files) {
    KeyStore store;
    store.files = std::move(files);
    return store;
}

} // namespace slipway::verify
