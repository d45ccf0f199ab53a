// gpg, minisign and openssl; one gpg home for all, since an agent takes its time to start and end.

#include "tests/e2e/publisher_signer.hh"

#include <stdexcept>

namespace slipway::tests {
namespace {

Keyring& home() {
    static Keyring one;
    return one;
}

// OpenWrt's usign; nobody's key.
constexpr std::string_view kUsign =
    "untrusted comment: signed by key d310c6f2833e97f7\n"
    "RWTTEMbygz6X95BUtnCGUdaVGmLcNZmDvJuhFbnFy6qRrRHVZbGZcF0dWuF2KUQPhxTq5mtpaDkRlFpZQqC7"
    "l9l2zJx2ZZB3pQA=\n";

std::string smime_signature(std::string_view text) {
    const TempDir place;
    write_file(place / "text", std::string(text));
    run_ok({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
            "-nodes", "-subj", "/CN=publisher", "-keyout", place / "key", "-out", place / "cert"});
    run_ok({"openssl", "cms", "-sign", "-binary", "-outform", "DER", "-in", place / "text",
            "-signer", place / "cert", "-inkey", place / "key", "-out", place / "signature"});
    return read_file(place / "signature");
}

} // namespace

Signer::Signer(const PublisherRow& row, const std::string& owner) {
    if (row.uses_minisign()) {
        minisign_ = std::make_unique<Minisigner>();
        fingerprint_ = minisign_->number();
        public_key_ = minisign_->public_key();
        return;
    }
    fingerprint_ = home().make_key({.owner = owner});
    signing_key_ = row.signs_with_subkey ? home().add_signing_subkey(fingerprint_) : fingerprint_;
    signing_key_ += '!';
    public_key_ = home().export_armored({fingerprint_});
}

std::string Signer::sign(std::string_view text, SignatureKind kind) const {
    switch (kind) {
    case SignatureKind::Armored:
        return home().sign_detached(text, {.keys = {signing_key_}});
    case SignatureKind::Binary:
        return home().sign_detached(text, {.keys = {signing_key_}, .armored = false});
    case SignatureKind::InPlace:
    case SignatureKind::Copy:
        return home().clearsign(text, {.keys = {signing_key_}});
    case SignatureKind::Minisign:
        return minisign_->sign(text);
    case SignatureKind::Usign:
        return std::string(kUsign);
    case SignatureKind::Smime:
        break;
    }
    return smime_signature(text);
}

std::string Signer::key_file_name(const std::string& name) const {
    return name + (minisign_ ? ".pub" : ".asc");
}

} // namespace slipway::tests
