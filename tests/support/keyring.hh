// OpenPGP keys and signatures for tests, made by the real gpg in a home of its own.

#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/programs.hh"

namespace slipway::tests {

/// What key to make. Times are "20200101T000000" (UTC); empty is now.
struct KeySpec {
    std::string owner = "Test Publisher <publisher@example.org>";
    std::string algorithm = "ed25519"; ///< as gpg calls it: "rsa1024", "rsa2048", "dsa1024"
    std::string created = {};          ///< gpg is told that it is this time
    std::string expires = "never";     ///< counted from `created`: "1d"
};

/// How to sign.
struct SignSpec {
    std::vector<std::string> keys = {}; ///< fingerprints; with '!' behind it: that very subkey
    std::string digest = "SHA512";      ///< "SHA1", "MD5", "RIPEMD160" work, too
    std::string time = {};              ///< as KeySpec::created
    std::string expires = "never";      ///< of the signature, counted from `time`
    bool armored = true;                ///< of a detached signature
};

/// Secret keys in a throw-away home. The destructor ends the agent that gpg has started for it, by
/// this home alone, and removes everything.
class Keyring {
public:
    Keyring();
    ~Keyring();
    Keyring(const Keyring&) = delete;
    Keyring& operator=(const Keyring&) = delete;

    /// Returns the primary key's fingerprint (40 hexadecimal digits).
    std::string make_key(const KeySpec& spec = {});
    /// Adds a subkey that signs; returns its fingerprint.
    std::string add_signing_subkey(const std::string& primary, const KeySpec& spec = {});
    /// From now on exports hold the revocation.
    void revoke(const std::string& primary);

    std::string sign_detached(std::string_view text, const SignSpec& spec);
    /// The clearsigned document.
    std::string clearsign(std::string_view text, const SignSpec& spec);

    /// Public keys as they are now; all of them when `keys` is empty.
    std::string export_binary(const std::vector<std::string>& keys = {});
    std::string export_armored(const std::vector<std::string>& keys = {});
    /// All public keys in GnuPG's newer format (pubring.kbx).
    std::string export_keybox();
    /// Secret keys, which no key ring of ours should hold.
    std::string export_secret();

    const std::filesystem::path& home() const noexcept { return home_.path(); }

private:
    std::string gpg(std::vector<std::string> arguments, std::string_view input = {},
                    const std::string& time = {});
    std::string last_fingerprint(const std::string& key);
    std::string sign(std::string_view text, const SignSpec& spec, const std::string& how);

    TempDir home_;
};

} // namespace slipway::tests
