// The engine lists OpenPGP keys; files and those of minisign are known here.

#include "check/list_keys.hh"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <unordered_map>

#include <fmt/format.h>

#include "base/error.hh"
#include "base/quoted.hh"
#include "check/key_fingerprint.hh"
#include "check/openpgp.hh"

namespace slipway::check {
namespace {

// By the first file that holds each key.
void sort_by_file(std::vector<verify::ListedKey>& keys, const std::vector<KeyFile>& files) {
    std::unordered_map<std::string_view, std::size_t> places;
    for (const KeyFile& file : files) {
        places.emplace(file.name, places.size());
    }
    const auto place = [&](const verify::ListedKey& key) {
        return key.files.empty() ? places.size() : places.at(key.files.front());
    };
    std::stable_sort(keys.begin(), keys.end(),
                     [&](const verify::ListedKey& a, const verify::ListedKey& b) {
                         return place(a) < place(b);
                     });
}

std::vector<verify::ListedKey> list_openpgp(const KeyRings& rings, const OnHome& on_home) {
    if (rings.keys() == 0) {
        return {};
    }
    EngineHome home(rings.bytes());
    on_home(home.path());
    std::vector<verify::ListedKey> keys = OpenPgp(home.path()).list_keys();
    if (keys.empty()) {
        throw Error(Kind::Unsupported, "the OpenPGP engine died");
    }
    for (const Certificate& certificate : rings.certificates()) {
        const std::string fingerprint = key_fingerprint(certificate.primary.body);
        for (verify::ListedKey& key : keys) {
            if (key.fingerprint == fingerprint) {
                key.files = certificate.files;
            }
        }
    }
    return keys;
}

verify::ListedKey listed(const HeldMinisignKey& held) {
    verify::ListedKey key;
    key.kind = "minisign";
    key.fingerprint = held.key.number;
    key.owners = {escaped(held.key.comment, 200)};
    key.algorithm = "Ed25519";
    key.files = held.files;
    return key;
}

// Half of the keys go until what is left fits a message.
void bound(verify::KeyList& list) {
    const std::size_t all = list.keys.size();
    while (to_json(list).size() > verify::kMaxKeyListBytes && !list.keys.empty()) {
        list.keys.resize(list.keys.size() / 2);
    }
    if (list.keys.size() < all) {
        list.warnings.push_back(fmt::format("{} more keys are not listed", all - list.keys.size()));
    }
}

} // namespace

verify::KeyList list_keys(const std::vector<KeyFile>& files, const OnHome& on_home) {
    verify::KeyList list;
    const HeldKeys keys = read_key_files(files, list.warnings);
    list.keys = list_openpgp(keys.openpgp(), on_home);
    for (const HeldMinisignKey& held : keys.minisign()) {
        list.keys.push_back(listed(held));
    }
    sort_by_file(list.keys, files);
    bound(list);
    return list;
}

} // namespace slipway::check
