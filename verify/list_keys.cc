// The engine lists OpenPGP keys; files and those of minisign are known here.

#include "verify/list_keys.hh"

#include <algorithm>
#include <cstddef>

#include <fmt/format.h>

#include "base/error.hh"
#include "base/quoted.hh"
#include "verify/key_fingerprint.hh"
#include "verify/openpgp.hh"

namespace slipway::verify {
namespace {

// The place of the first key file that holds a key.
std::size_t place_of(const ListedKey& key, const std::vector<KeyFile>& files) {
    const auto first = std::find_if(files.begin(), files.end(), [&](const KeyFile& file) {
        return !key.files.empty() && file.name == key.files.front();
    });
    return static_cast<std::size_t>(first - files.begin());
}

std::vector<ListedKey> list_openpgp(const KeyRings& rings, const OnHome& on_home) {
    if (rings.keys() == 0) {
        return {};
    }
    EngineHome home(rings.bytes());
    on_home(home.path());
    std::vector<ListedKey> keys = OpenPgp(home.path()).list_keys();
    if (keys.empty()) {
        throw Error(Kind::Unsupported, "the OpenPGP engine died");
    }
    for (const Certificate& certificate : rings.certificates()) {
        const std::string fingerprint = key_fingerprint(certificate.primary.body);
        for (ListedKey& key : keys) {
            if (key.fingerprint == fingerprint) {
                key.files = certificate.files;
            }
        }
    }
    return keys;
}

ListedKey listed(const HeldMinisignKey& held) {
    ListedKey key;
    key.kind = "minisign";
    key.fingerprint = held.key.number;
    key.owners = {escaped(held.key.comment, 200)};
    key.algorithm = "Ed25519";
    key.files = held.files;
    return key;
}

// Half of the keys go until what is left fits a message.
void bound(KeyList& list) {
    const std::size_t all = list.keys.size();
    while (to_json(list).size() > kMaxKeyListBytes && !list.keys.empty()) {
        list.keys.resize(list.keys.size() / 2);
    }
    if (list.keys.size() < all) {
        list.warnings.push_back(fmt::format("{} more keys are not listed", all - list.keys.size()));
    }
}

} // namespace

KeyList list_keys(const std::vector<KeyFile>& files, const OnHome& on_home) {
    KeyList list;
    const HeldKeys keys = read_key_files(files, list.warnings);
    list.keys = list_openpgp(keys.openpgp(), on_home);
    for (const HeldMinisignKey& held : keys.minisign()) {
        list.keys.push_back(listed(held));
    }
    std::stable_sort(list.keys.begin(), list.keys.end(), [&](const auto& a, const auto& b) {
        return place_of(a, files) < place_of(b, files);
    });
    bound(list);
    return list;
}

} // namespace slipway::verify
