// Two files with one number and different keys hold two keys: the number is no proof.

#include "check/held_keys.hh"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/quoted.hh"

namespace slipway::check {

std::string HeldKeys::add(std::string_view content, const std::string& name) {
    if (!is_minisign(content)) {
        return rings_.add(content, name);
    }
    MinisignKeyFile file = read_minisign_key(content);
    if (!file.key) {
        return file.problem;
    }
    const auto same = std::find_if(minisign_.begin(), minisign_.end(), [&](const auto& had) {
        return had.key.number == file.key->number && had.key.key == file.key->key;
    });
    if (same == minisign_.end()) {
        minisign_.push_back({*std::move(file.key), {name}});
    } else {
        same->files.push_back(name);
    }
    return {};
}

HeldKeys read_key_files(const std::vector<KeyFile>& files, std::vector<std::string>& warnings) {
    constexpr std::size_t kMaxWarnings = 50;
    HeldKeys keys;
    for (const KeyFile& file : files) {
        const std::string problem =
            file.problem.empty() ? keys.add(file.content, file.name) : file.problem;
        if (!problem.empty() && warnings.size() < kMaxWarnings) {
            warnings.push_back(fmt::format("key ring {}: {}", quoted(file.name), problem));
        }
    }
    return keys;
}

} // namespace slipway::check
