// minisign, signify and kinds that cannot be read beside an image: the verdicts.

#include <string>
#include <utility>
#include <vector>

#include "tests/catch.hh"
#include "tests/support/minisigner.hh"
#include "tests/verify/publisher.hh"
#include "verify/base64.hh"

using namespace slipway;
using namespace slipway::tests;

namespace {

const std::string kSums = right_sums();

// The verdict over a right image beside which lie SHA256SUMS and this signature of it.
Ending with_signature(const std::string& signature, std::vector<std::string> keys,
                      const std::string& name = "SHA256SUMS.minisig") {
    Publisher publisher;
    publisher.rings = std::move(keys);
    publisher.files["SHA256SUMS"] = kSums;
    publisher.files[name] = signature;
    return publisher.judge(right_digests());
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    return text.replace(text.find(from), from.size(), to);
}

// The other's key, with the number of this one.
std::string impostor(const std::string& file, const std::string& other) {
    const auto line = [](const std::string& key) {
        return key.substr(key.find('\n') + 1, key.size() - key.find('\n') - 2);
    };
    std::string bytes = verify::from_base64(line(other)).value();
    bytes.replace(0, 10, verify::from_base64(line(file)).value(), 0, 10);
    return "untrusted comment: other\n" + run_ok({"base64", "-w", "0"}, {.input = bytes}) + "\n";
}

} // namespace

TEST_CASE("G13: a list signed with minisign or signify vouches for the image",
          "[verify][minisign]") {
    Minisigner minisign;
    Minisigner signify(Minisigner::Tool::Signify);
    const std::vector<std::string> keys{minisign.public_key(), signify.public_key()};
    for (const bool legacy : {true, false}) {
        const Ending ending = with_signature(minisign.sign(kSums, {.legacy = legacy}), keys);
        CHECK(ending.word == VerdictWord::Verified);
        CHECK(ending.text == "verified: SHA-256, signed by " + minisign.number() + " (" +
                                 minisign.comment() + ")");
    }
    CHECK(with_signature(signify.sign(kSums), keys, "SHA256SUMS.sig").word ==
          VerdictWord::Verified);
}

TEST_CASE("G13: a wrong key with the right number, an altered trusted comment and a missing fourth "
          "line are bad signatures",
          "[verify][minisign]") {
    Minisigner minisign;
    Minisigner other;
    const std::string good = minisign.sign(kSums, {.trusted_comment = "timestamp:1790000000"});
    const std::string key = minisign.public_key();
    const std::string three_lines = good.substr(0, good.rfind('\n', good.size() - 2) + 1);
    CHECK(with_signature(good, {key}).word == VerdictWord::Verified);
    CHECK(with_signature(good, {impostor(key, other.public_key())}).word ==
          VerdictWord::BadSignature);
    CHECK(with_signature(replaced(good, "1790000000", "1890000000"), {key}).word ==
          VerdictWord::BadSignature);
    CHECK(with_signature(three_lines, {key}).word == VerdictWord::BadSignature);
    CHECK(with_signature(minisign.sign(kSums + "\n"), {key}).word == VerdictWord::BadSignature);
    CHECK(with_signature(good, {other.public_key()}).word == VerdictWord::UnknownKey);
}

TEST_CASE("a signature of minisign from the future is no verdict", "[verify][minisign]") {
    Minisigner minisign;
    CHECK(with_signature(minisign.sign(kSums, {.trusted_comment = "timestamp:4000000000"}),
                         {minisign.public_key()})
              .word == VerdictWord::FutureSignature);
}

TEST_CASE("G3: kinds of signatures that cannot be read are named, and others beside them count",
          "[verify][kinds]") {
    Minisigner minisign;
    const std::string ssh = "-----BEGIN SSH SIGNATURE-----\nU1NIU0lH\n";
    const Ending alone = with_signature(ssh, {minisign.public_key()}, "SHA256SUMS.sig");
    CHECK(alone.word == VerdictWord::UnsupportedSignature);
    CHECK_THAT(alone.text, contains("kind of signature not supported"));
    CHECK_THAT(alone.text, contains("an SSH signature"));
    Publisher publisher;
    publisher.rings = {minisign.public_key()};
    publisher.files["SHA256SUMS"] = kSums;
    publisher.files["SHA256SUMS.sig"] = ssh;
    publisher.files["SHA256SUMS.minisig"] = minisign.sign(kSums);
    CHECK(publisher.judge(right_digests()).word == VerdictWord::Verified);
}

TEST_CASE("what OpenWrt's usign writes is by an unknown key where its key is not held",
          "[verify][minisign]") {
    Minisigner usign(Minisigner::Tool::Signify);
    Keyring keyring;
    const std::string key = keyring.make_key();
    Publisher publisher;
    publisher.rings = {keyring.export_binary()};
    publisher.files["sha256sums"] = kSums;
    publisher.files["sha256sums.sig"] = usign.sign(kSums);
    CHECK(publisher.judge(right_digests()).word == VerdictWord::UnknownKey);
    publisher.files["sha256sums.asc"] = keyring.sign_detached(kSums, {.keys = {key}});
    CHECK(publisher.judge(right_digests()).word == VerdictWord::Verified);
    publisher.files.erase("sha256sums.asc");
    publisher.rings = {usign.public_key()};
    CHECK(publisher.judge(right_digests()).word == VerdictWord::Verified);
}
