// Who signs what a publisher offers: a key made on the spot, in the kind of the publisher's.

#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "tests/e2e/publisher_row.hh"
#include "tests/support/keyring.hh"
#include "tests/support/minisigner.hh"

namespace slipway::tests {

class Signer {
public:
    /// @param owner  of the key; two signers of one owner are not possible
    Signer(const PublisherRow& row, const std::string& owner);

    std::string sign(std::string_view text, SignatureKind kind) const;

    /// The public key, as --keyring and keys.d take it.
    const std::string& public_key() const noexcept { return public_key_; }
    /// What a file of it is called: "NAME.asc", "NAME.pub".
    std::string key_file_name(const std::string& name) const;
    /// The primary key's fingerprint; of minisign the key number.
    const std::string& fingerprint() const noexcept { return fingerprint_; }

private:
    std::unique_ptr<Minisigner> minisign_;
    std::string signing_key_; ///< as gpg takes it
    std::string fingerprint_;
    std::string public_key_;
};

} // namespace slipway::tests
