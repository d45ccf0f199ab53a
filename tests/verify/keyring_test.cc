// The keys that tests are made with: what they promise, checked by gpg itself.

#include <filesystem>
#include <string>

#include "tests/catch.hh"
#include "tests/support/keyring.hh"

using namespace slipway::tests;

namespace {

// Whether gpg, with these public keys alone, takes the signature for good.
bool gpg_accepts(const std::string& keys, const std::string& text, const std::string& signature) {
    const TempDir dir;
    write_file(dir / "ring.gpg", keys);
    write_file(dir / "text", text);
    write_file(dir / "signature", signature);
    const RunResult result = run({"gpgv", "--keyring", (dir / "ring.gpg").string(),
                                  (dir / "signature").string(), (dir / "text").string()});
    return result.status == 0;
}

} // namespace

TEST_CASE("a signature of the tests' key ring is one", "[keyring]") {
    Keyring keyring;
    const std::string key = keyring.make_key();
    const std::string other = keyring.make_key({.owner = "Other <other@example.org>"});
    CHECK(key.size() == 40);
    CHECK(key != other);
    for (const bool armored : {true, false}) {
        const std::string signature =
            keyring.sign_detached("text", {.keys = {key}, .armored = armored});
        CHECK(signature.starts_with("-----BEGIN PGP SIGNATURE-----") == armored);
        CHECK(gpg_accepts(keyring.export_binary({key}), "text", signature));
        CHECK_FALSE(gpg_accepts(keyring.export_binary({key}), "texT", signature));
        CHECK_FALSE(gpg_accepts(keyring.export_binary({other}), "text", signature));
    }
}

TEST_CASE("a subkey of the tests' key ring is known only to a copy made after it", "[keyring]") {
    Keyring keyring;
    const std::string key = keyring.make_key();
    const std::string before = keyring.export_binary();
    const std::string subkey = keyring.add_signing_subkey(key);
    const std::string signature = keyring.sign_detached("text", {.keys = {subkey + "!"}});
    CHECK_FALSE(gpg_accepts(before, "text", signature));
    CHECK(gpg_accepts(keyring.export_binary(), "text", signature));
}

TEST_CASE("the tests' key ring leaves no agent behind", "[keyring]") {
    std::filesystem::path home;
    {
        Keyring keyring;
        keyring.make_key();
        home = keyring.home();
        CHECK(std::filesystem::exists(home / "S.gpg-agent"));
    }
    CHECK_FALSE(std::filesystem::exists(home));
    CHECK(run({"pgrep", "-f", home.string()}).out.empty());
}
