// Reports of slipway-check on their way to the keeper.

#include <chrono>
#include <string>
#include <vector>

#include "base/error.hh"
#include "tests/catch.hh"
#include "verify/key_list.hh"
#include "verify/signature.hh"
#include "verify/wire.hh"

using namespace slipway;
using namespace slipway::verify;

namespace {

SignatureReport report() {
    Signature signature;
    signature.status = SignatureStatus::ExpiredKey;
    signature.fingerprint = "FINGERPRINT";
    signature.primary = "PRIMARY";
    signature.owner = "Pub\\'lisher <p@example.org>";
    signature.hash = "SHA512";
    signature.key_kind = "RSA";
    signature.key_bits = 4096;
    signature.weak_key = true;
    signature.created = 1'700'000'000;
    signature.key_expires = 1'700'000'001;
    signature.signature_expires = 1'700'000'002;
    signature.detail = "Key expired";
    SignatureReport report;
    report.signatures = {signature};
    report.warnings = {"key ring 'x': it is empty"};
    report.keys = 3;
    return report;
}

// The report's JSON with one piece replaced.
std::string changed(const std::string& from, const std::string& to) {
    std::string json = to_json(report());
    const std::size_t at = json.find(from);
    REQUIRE(at != std::string::npos);
    return json.replace(at, from.size(), to);
}

} // namespace

TEST_CASE("a report comes through JSON unchanged", "[verify][protocol]") {
    const SignatureReport back = signature_report_from_json(to_json(report()));
    REQUIRE(back.signatures.size() == 1);
    const Signature& signature = back.signatures[0];
    CHECK(signature.status == SignatureStatus::ExpiredKey);
    CHECK(signature.fingerprint == "FINGERPRINT");
    CHECK(signature.primary == "PRIMARY");
    CHECK(signature.owner == "Pub\\'lisher <p@example.org>");
    CHECK(signature.key_bits == 4096);
    CHECK(signature.weak_key);
    CHECK_FALSE(signature.weak_hash);
    CHECK(signature.created == 1'700'000'000);
    CHECK(signature.key_expires == 1'700'000'001);
    CHECK(signature.signature_expires == 1'700'000'002);
    CHECK(back.warnings == report().warnings);
    CHECK(back.keys == 3);
    CHECK(to_json(back) == to_json(report()));
}

TEST_CASE("every status has a word that reads back", "[verify][protocol]") {
    for (const auto status :
         {SignatureStatus::Good, SignatureStatus::Bad, SignatureStatus::UnknownKey,
          SignatureStatus::ExpiredKey, SignatureStatus::RevokedKey,
          SignatureStatus::ExpiredSignature, SignatureStatus::WeakDigest,
          SignatureStatus::Unsupported, SignatureStatus::Broken}) {
        SignatureReport one = report();
        one.signatures[0].status = status;
        CHECK(signature_report_from_json(to_json(one)).signatures.at(0).status == status);
    }
}

TEST_CASE("a report that slipway-check would not write is refused", "[verify][protocol]") {
    for (const std::string& json :
         {std::string("[]"), std::string("{}"), changed("expired-key", "splendid"),
          changed("1700000000", "-1"), changed("1700000000", "99999999999"),
          changed("4096", "\"many\""), changed("\"keys\":3", "\"keys\":\"3\"")}) {
        CHECK_THROWS_AS(signature_report_from_json(json), Error);
    }
}

TEST_CASE("what a taken-over slipway-check writes cannot colour a terminal", "[verify][protocol]") {
    const SignatureReport back =
        signature_report_from_json(changed("Key expired", "\\u001b[31mred"));
    CHECK(back.signatures.at(0).detail == "\\x1b[31mred");
}

TEST_CASE("a request to slipway-check comes through JSON unchanged", "[verify][protocol]") {
    const CheckForm form = GENERATE(CheckForm::Detached, CheckForm::Clearsigned,
                                    CheckForm::Streamed, CheckForm::Foresee, CheckForm::ListKeys);
    const CheckMessage message{form, std::chrono::milliseconds(7), {"/a", "/b"}, true};
    const CheckMessage first = check_message_from_json(to_json(message, true), true);
    CHECK(first.form == form);
    CHECK(first.engine_patience == message.engine_patience);
    CHECK(first.rings == message.rings);
    CHECK(first.more);
    const CheckMessage next = check_message_from_json(to_json(message, false), false);
    CHECK(next.rings == message.rings);
    CHECK_THROWS_AS(check_message_from_json(to_json(message, false), true), Error);
}

TEST_CASE("a list of keys comes through JSON unchanged", "[verify][protocol]") {
    const ListedKey key{.kind = "OpenPGP",
                        .fingerprint = "FINGERPRINT",
                        .owners = {"One <one@example.org>", "two"},
                        .algorithm = "RSA 4096",
                        .files = {"/a", "/b"},
                        .created = 1'700'000'000,
                        .expires = 1'700'000'001,
                        .signs_until = 1'700'000'002,
                        .revoked = true,
                        .weak = true};
    const KeyList back = key_list_from_json(to_json(KeyList{{key}, {"key ring 'x': it is empty"}}));
    REQUIRE(back.keys.size() == 1);
    CHECK(back.keys[0].kind == key.kind);
    CHECK(back.keys[0].fingerprint == key.fingerprint);
    CHECK(back.keys[0].owners == key.owners);
    CHECK(back.keys[0].algorithm == key.algorithm);
    CHECK(back.keys[0].files == key.files);
    CHECK(back.keys[0].created == key.created);
    CHECK(back.keys[0].expires == key.expires);
    CHECK(back.keys[0].signs_until == key.signs_until);
    CHECK(back.keys[0].revoked);
    CHECK(back.keys[0].weak);
    CHECK(back.warnings == std::vector<std::string>{"key ring 'x': it is empty"});
    CHECK_THROWS_AS(key_list_from_json("{}"), Error);
}
