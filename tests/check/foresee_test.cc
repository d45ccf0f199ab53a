// What is said of a signature before its statement is here: never more than the check says then.

#include <ctime>
#include <string>
#include <vector>

#include "base/error.hh"
#include "check/openpgp_packets.hh"
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

// A ring of these bytes, and what is foreseen and found with it.
class Ring {
public:
    explicit Ring(const std::string& content) { write_file(directory_ / "ring", content); }

    Signature foreseen(const std::string& signature) const {
        return only(checker().foresee(signature, {}));
    }
    Signature found(const std::string& signature) const {
        return only(checker().check_detached("text", signature, {}));
    }

private:
    SignatureChecker checker() const { return SignatureChecker({directory_ / "ring"}); }
    static Signature only(const SignatureReport& report) {
        CHECK(report.warnings.empty());
        REQUIRE(report.signatures.size() == 1);
        return report.signatures[0];
    }

    TempDir directory_;
};

} // namespace

TEST_CASE("of a good signature everything is foreseen but that it is good", "[verify][foresee]") {
    const Signed one;
    const SignatureReport report = one.checker().foresee(one.signature, {});
    REQUIRE(report.signatures.size() == 1);
    const Signature& signature = report.signatures[0];
    CHECK(signature.status == SignatureStatus::Pending);
    CHECK(signature.kind == "OpenPGP");
    CHECK(signature.fingerprint == one.key);
    CHECK(signature.primary == one.key);
    CHECK(signature.rings == std::vector<std::string>{one.ring().string()});
    CHECK(signature.owner == "Test Publisher <publisher@example.org>");
    CHECK(signature.hash == "SHA512");
    CHECK(signature.key_kind == "EdDSA");
    CHECK(signature.key_bits == 255);
    CHECK(std::abs(signature.created - std::time(nullptr)) < 600);
    CHECK_FALSE(signature.weak_hash);
    CHECK_FALSE(signature.weak_key);
    CHECK(report.keys == 1);
}

TEST_CASE("what is foreseen of a signature is what is found, but for what the statement says",
          "[verify][foresee]") {
    struct Row {
        std::string what;
        KeySpec key;
        SignSpec sign;
        bool revoked;
        SignatureStatus foreseen;
        SignatureStatus found;
    };
    const std::string then = "20240101T000000";
    const std::string later = "20240601T000000";
    using enum SignatureStatus;
    const std::vector<Row> rows{
        {"good", {}, {}, false, Pending, Good},
        {"expired key",
         {.created = then, .expires = "1d"},
         {.time = then},
         false,
         ExpiredKey,
         ExpiredKey},
        {"revoked key", {}, {}, true, RevokedKey, RevokedKey},
        {"expired signature",
         {.created = then},
         {.time = later, .expires = "1d"},
         false,
         ExpiredSignature,
         ExpiredSignature},
        {"SHA-1", {}, {.digest = "SHA1"}, false, WeakDigest, Good},
        {"MD5", {.algorithm = "rsa2048"}, {.digest = "MD5"}, false, WeakDigest, WeakDigest},
        {"short RSA", {.algorithm = "rsa1024"}, {}, false, WeakDigest, Good},
    };
    for (const Row& row : rows) {
        INFO(row.what);
        Keyring keyring;
        const std::string key = keyring.make_key(row.key);
        SignSpec how = row.sign;
        how.keys = {key};
        const std::string signature = keyring.sign_detached("text", how);
        if (row.revoked) {
            keyring.revoke(key);
        }
        const Ring ring(keyring.export_binary());
        const Signature foreseen = ring.foreseen(signature);
        const Signature found = ring.found(signature);
        CHECK(foreseen.status == row.foreseen);
        CHECK(found.status == row.found);
        CHECK(foreseen.primary == key);
        CHECK(foreseen.primary == found.primary);
        CHECK(foreseen.fingerprint == found.fingerprint);
        CHECK(foreseen.owner == found.owner);
        CHECK(foreseen.rings == found.rings);
        CHECK(foreseen.created == found.created);
        CHECK(foreseen.key_expires == found.key_expires);
        CHECK(foreseen.signature_expires == found.signature_expires);
        CHECK(foreseen.weak_key == found.weak_key);
        CHECK(foreseen.weak_hash == (found.weak_hash || row.what == "MD5"));
    }
}

TEST_CASE("G4: that a key is unknown is foreseen with its key id", "[verify][foresee]") {
    const Signed one;
    Keyring other;
    const std::string key = other.make_key({.owner = "Other <other@example.org>"});
    const Ring ring(other.export_binary());
    const Signature foreseen = ring.foreseen(one.signature);
    CHECK(foreseen.status == SignatureStatus::UnknownKey);
    CHECK(foreseen.fingerprint == one.key);
    CHECK(foreseen.primary.empty());
    CHECK(foreseen.rings.empty());
    CHECK(SignatureChecker({}).foresee(one.signature, {}).signatures.at(0).status ==
          SignatureStatus::UnknownKey);
}

TEST_CASE("G10: a bound subkey is foreseen with its primary, one that our copy lacks as unknown",
          "[verify][foresee]") {
    Keyring keyring;
    const std::string key = keyring.make_key();
    const Ring old(keyring.export_binary());
    const std::string subkey = keyring.add_signing_subkey(key);
    const Ring now(keyring.export_binary());
    const std::string signature = keyring.sign_detached("text", {.keys = {subkey + "!"}});
    const Signature bound = now.foreseen(signature);
    CHECK(bound.status == SignatureStatus::Pending);
    CHECK(bound.fingerprint == subkey);
    CHECK(bound.primary == key);
    const Signature lacking = old.foreseen(signature);
    CHECK(lacking.status == SignatureStatus::UnknownKey);
    CHECK(lacking.unknown_subkey == old.found(signature).unknown_subkey);
}

TEST_CASE("G10: a subkey that no signature binds is foreseen as unknown", "[verify][foresee]") {
    Keyring keyring;
    const std::string key = keyring.make_key();
    const std::string subkey = keyring.add_signing_subkey(key);
    const std::string signature = keyring.sign_detached("text", {.keys = {subkey + "!"}});
    std::string ring; // without what follows the subkey
    const std::string all = keyring.export_binary();
    for (const Packet& packet : split_packets(all).packets) {
        append_packet(ring, packet.tag, packet.body);
        if (packet.tag == PacketTag::PublicSubkey) {
            break;
        }
    }
    const Ring unbound(ring);
    CHECK(unbound.found(signature).status != SignatureStatus::Good);
    CHECK(unbound.foreseen(signature).status == SignatureStatus::UnknownKey);
    CHECK(unbound.foreseen(signature).primary.empty());
}

TEST_CASE("of several signatures each is foreseen", "[verify][foresee]") {
    Keyring keyring;
    const std::string one = keyring.make_key();
    const std::string ring = keyring.export_binary();
    const std::string two = keyring.make_key({.owner = "Two <two@example.org>"});
    const std::string signature = keyring.sign_detached("text", {.keys = {one, two}});
    const TempDir directory;
    write_file(directory / "ring", ring);
    const SignatureReport report = SignatureChecker({directory / "ring"}).foresee(signature, {});
    REQUIRE(report.signatures.size() == 2);
    const bool first_is_one = report.signatures[0].fingerprint == one;
    CHECK(report.signatures[first_is_one ? 0 : 1].status == SignatureStatus::Pending);
    CHECK(report.signatures[first_is_one ? 1 : 0].status == SignatureStatus::UnknownKey);
}

TEST_CASE("minisign is foreseen by key number and trusted comment, what covers the bytes as "
          "unsupported",
          "[verify][foresee]") {
    Minisigner minisign;
    Minisigner signify(Minisigner::Tool::Signify);
    const Ring ring(minisign.public_key());
    const std::string good = minisign.sign("text", {.trusted_comment = "timestamp:7"});
    CHECK(ring.foreseen(good).status == SignatureStatus::Pending);
    CHECK(ring.foreseen(good).primary == minisign.number());
    CHECK(ring.foreseen(good).created == 7);
    CHECK(ring.foreseen(good).rings.size() == 1);
    std::string altered = good;
    altered.replace(altered.find("timestamp:7"), 11, "timestamp:8");
    CHECK(ring.foreseen(altered).status == SignatureStatus::Bad);
    CHECK(ring.foreseen(Minisigner().sign("text")).status == SignatureStatus::UnknownKey);
    const Signature legacy = ring.foreseen(minisign.sign("text", {.legacy = true}));
    CHECK(legacy.status == SignatureStatus::Unsupported);
    CHECK_THAT(legacy.detail, contains("cannot be checked while they stream by"));
    CHECK(Ring(signify.public_key()).foreseen(signify.sign("text")).status ==
          SignatureStatus::Unsupported);
}

TEST_CASE("G15: nothing is foreseen without an engine, or by one that dies", "[verify][foresee]") {
    if (auto why = no_mounts()) {
        SKIP(*why);
    }
    const Signed one;
    const auto failure = [&] {
        try {
            one.checker(std::chrono::seconds(2)).foresee(one.signature, {});
        } catch (const Error& error) {
            CHECK(error.verdict() == VerdictWord::EngineFailed);
            return std::string(error.what());
        }
        return std::string();
    };
    {
        const OtherEngine dies(std::string(kVersion) + "exit 2\n");
        CHECK_THAT(failure(), contains("cannot check signatures: "));
    }
    const std::string said = [&] {
        const NoEngine none;
        return failure();
    }();
    CHECK_THAT(said, contains("install the package 'gpg'"));
}

TEST_CASE("what a signature packet says of itself is read as far as it is whole",
          "[verify][packets]") {
    using namespace std::string_literals;
    const std::string issuer = "\x09\x10"s + "\x01\x02\x03\x04\x05\x06\x07\x08";
    const std::string created = "\x05\x02"s + "\x60\x00\x00\x00"s;
    const std::string expires = "\x05\x03"s + "\x00\x00\x00\x10"s;
    const std::string head = "\x04\x00\x16\x0A"s;
    const ClaimedSigner four =
        claimed_signer(head + "\x00\x0C"s + created + expires + "\x00\x0A"s + issuer + "rest");
    CHECK(four.version == 4);
    CHECK(four.hash == 10);
    CHECK(four.created == 0x60000000);
    CHECK(four.expires == 0x60000010);
    CHECK(four.key_id == "0102030405060708");
    CHECK(four.fingerprint.empty());
    // Times that nobody signed are no times.
    const ClaimedSigner unsigned_times =
        claimed_signer(head + "\x00\x00\x00\x06"s + created + "rest");
    CHECK(unsigned_times.version == 4);
    CHECK(unsigned_times.created == 0);
    const std::string fingerprint = "\x16\x21\x04"s + std::string(20, '\xAB');
    const ClaimedSigner by_fingerprint =
        claimed_signer(head + "\x00\x17"s + fingerprint + "\x00\x00"s);
    CHECK(by_fingerprint.fingerprint.size() == 40);
    CHECK(by_fingerprint.key_id == "ABABABABABABABAB");
    const ClaimedSigner three = claimed_signer("\x03\x05\x00\x60\x00\x00\x00"s +
                                               "\x01\x02\x03\x04\x05\x06\x07\x08\x01\x02"s);
    CHECK(three.version == 3);
    CHECK(three.created == 0x60000000);
    CHECK(three.key_id == "0102030405060708");
    CHECK(three.hash == 2);
    CHECK(claimed_signer("\x06\x00\x1B\x0A"s).version == 6);
    for (const std::string& damaged : {""s, head, head + "\x00\xFF"s + created, "\x03\x05"s}) {
        CHECK(claimed_signer(damaged).version == 0);
    }
}
