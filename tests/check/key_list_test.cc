// All keys of the key files, as people see them.

#include <ctime>
#include <string>
#include <vector>

#include "base/error.hh"
#include "check/list_keys.hh"
#include "tests/catch.hh"
#include "tests/check/stand_in_engine.hh"
#include "tests/support/loop_fs.hh"
#include "tests/support/minisigner.hh"
#include "verify/checker.hh"

using namespace slipway;
using namespace slipway::tests;
using namespace slipway::verify;
using namespace slipway::check;

namespace {

constexpr std::int64_t kDay = 24 * 60 * 60;

// The list of one ring's keys.
std::vector<ListedKey> listed(const std::string& ring) {
    const TempDir directory;
    write_file(directory / "ring", ring);
    return SignatureChecker({directory / "ring"}).list_keys({}).keys;
}

ListedKey only(const std::string& ring) {
    const std::vector<ListedKey> keys = listed(ring);
    REQUIRE(keys.size() == 1);
    return keys[0];
}

} // namespace

TEST_CASE("a key is listed with everything that is known of it", "[verify][list]") {
    const Signed one;
    const KeyList list = one.checker().list_keys({});
    CHECK(list.warnings.empty());
    REQUIRE(list.keys.size() == 1);
    const ListedKey& key = list.keys[0];
    CHECK(key.kind == "OpenPGP");
    CHECK(key.fingerprint == one.key);
    CHECK(key.owners == std::vector<std::string>{"Test Publisher <publisher@example.org>"});
    CHECK(key.algorithm == "Ed25519");
    CHECK(key.files == std::vector<std::string>{one.ring().string()});
    CHECK(std::abs(key.created - std::time(nullptr)) < 600);
    CHECK(key.expires == 0);
    CHECK(key.signs_until == 0);
    CHECK_FALSE(key.revoked);
    CHECK_FALSE(key.weak);
}

TEST_CASE("keys are listed in the order of the files, copies once with all their files",
          "[verify][list]") {
    Keyring keyring;
    const std::string a = keyring.make_key();
    const std::string b = keyring.make_key({.owner = "Two <two@example.org>"});
    Minisigner minisign;
    const TempDir directory;
    write_file(directory / "1", keyring.export_armored({b}));
    write_file(directory / "2", minisign.public_key());
    write_file(directory / "3", keyring.export_binary());
    write_file(directory / "4", "nonsense");
    const KeyList list = SignatureChecker({directory / "1", directory / "2", directory / "3",
                                           directory / "4", directory / "5"})
                             .list_keys({});
    const auto name = [&](const char* file) { return (directory / file).string(); };
    REQUIRE(list.keys.size() == 3);
    CHECK(list.keys[0].fingerprint == b);
    CHECK(list.keys[0].files == std::vector<std::string>{name("1"), name("3")});
    CHECK(list.keys[1].fingerprint == minisign.number());
    CHECK(list.keys[1].kind == "minisign");
    CHECK(list.keys[1].algorithm == "Ed25519");
    CHECK(list.keys[1].owners == std::vector<std::string>{minisign.comment()});
    CHECK(list.keys[1].files == std::vector<std::string>{name("2")});
    CHECK(list.keys[2].fingerprint == a);
    CHECK(list.keys[2].files == std::vector<std::string>{name("3")});
    CHECK(list.warnings ==
          std::vector<std::string>{"key ring '" + name("4") + "': it is not a key ring"});
}

TEST_CASE("until when a key signs is told by the subkey that signs longest", "[verify][list]") {
    Keyring keyring;
    const std::string key = keyring.make_key({.expires = "100d"});
    const ListedKey alone = only(keyring.export_binary());
    CHECK(alone.signs_until == alone.expires);
    CHECK(std::abs(alone.expires - std::time(nullptr) - 100 * kDay) < kDay);
    keyring.add_signing_subkey(key, {.expires = "10d"});
    CHECK(only(keyring.export_binary()).signs_until == alone.expires);

    Keyring other;
    const std::string primary = other.make_key({.algorithm = "rsa2048"});
    other.add_signing_subkey(primary, {.expires = "10d"});
    const ListedKey endless = only(other.export_binary());
    CHECK(endless.algorithm == "RSA 2048");
    CHECK(endless.signs_until == 0);
}

TEST_CASE("expired, revoked and weak keys are listed as what they are", "[verify][list]") {
    Keyring expired;
    expired.make_key({.created = "20240101T000000", .expires = "1d"});
    const ListedKey old = only(expired.export_binary());
    CHECK(old.expires == 1'704'153'600);
    CHECK(old.signs_until == old.expires);
    CHECK_FALSE(old.revoked);

    Keyring revoked;
    revoked.revoke(revoked.make_key());
    const ListedKey gone = only(revoked.export_binary());
    CHECK(gone.revoked);
    CHECK(gone.signs_until != 0);
    CHECK(gone.signs_until <= std::time(nullptr));

    Keyring weak;
    weak.make_key({.algorithm = "rsa1024"});
    CHECK(only(weak.export_binary()).weak);
    CHECK(only(weak.export_binary()).algorithm == "RSA 1024");
}

TEST_CASE("a list of more keys than fit says how many it lacks", "[verify][list]") {
    Minisigner minisign;
    const std::string head = minisign.public_key().substr(0, minisign.public_key().find('\n') + 1);
    const std::string key = minisign.public_key().substr(head.size());
    std::vector<KeyFile> files;
    for (std::size_t i = 0; i < 400; ++i) {
        std::string other = key; // another number
        other[4] = static_cast<char>('A' + i % 26);
        other[5] = static_cast<char>('A' + i / 26 % 26);
        other[6] = static_cast<char>('A' + i / 26 / 26);
        files.push_back({std::string(4000, 'n') + std::to_string(i), head + other, {}});
    }
    const KeyList list = list_keys(files, [](const auto&) {});
    CHECK(to_json(list).size() <= kMaxKeyListBytes);
    REQUIRE(list.keys.size() == 200);
    CHECK(list.keys[199].files == std::vector<std::string>{files[199].name});
    CHECK(list.warnings == std::vector<std::string>{"200 more keys are not listed"});
}

TEST_CASE("G15: keys are not listed without an engine, but those of minisign are",
          "[verify][list]") {
    if (auto why = no_mounts()) {
        SKIP(*why);
    }
    const Signed one;
    Minisigner minisign;
    const TempDir directory;
    write_file(directory / "key.pub", minisign.public_key());
    std::string said;
    std::size_t keys = 0;
    {
        const NoEngine none;
        try {
            one.checker().list_keys({});
        } catch (const Error& error) {
            said = error.what();
        }
        keys = SignatureChecker({directory / "key.pub"}).list_keys({}).keys.size();
    }
    CHECK_THAT(said, contains("install the package 'gpg'"));
    CHECK(keys == 1);
}
