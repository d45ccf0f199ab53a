// --checksum-url and --signature-url, pinned places, and what is looked for ahead.

#include <string>
#include <vector>

#include "base/error.hh"
#include "tests/catch.hh"
#include "tests/verify/publisher.hh"
#include "verify/discovery.hh"
#include "verify/judge.hh"

using namespace slipway;
using namespace slipway::tests;
using stream::Algorithm;
using verify::Mode;
using Names = std::vector<std::string>;

namespace {

const std::string kSums = right_sums();

verify::KeyScope pinned_to(const std::string& key) {
    verify::KeyScope::Rules rules;
    rules.reserved_by = {"example.conf"};
    rules.counted[key];
    rules.bound[key] = "example.conf";
    return verify::KeyScope(rules);
}

} // namespace

TEST_CASE("a document that is named replaces the search", "[verify][given-url]") {
    Keyring keyring;
    const std::string key = keyring.make_key();
    Publisher publisher;
    publisher.rings = {keyring.export_binary()};
    publisher.hints.checksum_url = Url::parse("https://other.example/d/digests.txt");
    publisher.files["digests.txt"] = kSums;
    publisher.files["digests.sig"] = keyring.sign_detached(kSums, {.keys = {key}});
    publisher.files["SHA256SUMS"] = "<p>"; // never asked for
    CHECK(publisher.judge(right_digests()).word == VerdictWord::Verified);
    CHECK(publisher.requests == Names{"digests.txt", "digests.txt.asc", "digests.txt.gpg",
                                      "digests.txt.sig", "digests.txt.sign", "digests.txt.minisig",
                                      "digests.sig"});
}

TEST_CASE("a signature that is named is over the document that is named", "[verify][given-url]") {
    Keyring keyring;
    const std::string key = keyring.make_key();
    Publisher publisher;
    publisher.rings = {keyring.export_binary()};
    publisher.hints.checksum_url = Url::parse("https://example.org/digests.txt");
    publisher.hints.signature_url = Url::parse("https://example.org/proof");
    publisher.files["digests.txt"] = kSums;
    publisher.files["proof"] = keyring.sign_detached(kSums, {.keys = {key}});
    CHECK(publisher.judge(right_digests()).word == VerdictWord::Verified);
    CHECK(publisher.requests == Names{"digests.txt", "proof"});
    publisher.files.erase("proof");
    const Ending missing = publisher.judge(right_digests());
    CHECK(missing.word == VerdictWord::Unsigned);
    CHECK_THAT(missing.text, contains("'https://example.org/proof' is not there (the answer is "
                                      "404); nothing was stored"));
}

TEST_CASE("a document that is named and not there is no reason to look elsewhere",
          "[verify][given-url]") {
    Publisher publisher;
    publisher.mode = Mode::Checksum;
    publisher.hints.checksum_url = Url::parse("https://example.org/digests.txt");
    publisher.files["SHA256SUMS"] = kSums;
    const Ending ending = publisher.judge(right_digests());
    CHECK(ending.word == VerdictWord::NoChecksum);
    CHECK(publisher.requests == Names{"digests.txt"});
}

TEST_CASE("a signature that is named alone is over the image", "[verify][given-url]") {
    Keyring keyring;
    const std::string key = keyring.make_key();
    Publisher publisher;
    publisher.rings = {keyring.export_binary()};
    publisher.hints.signature_url = Url::parse("https://example.org/proof");
    publisher.files["proof"] = keyring.sign_detached("image", {.keys = {key}});
    const verify::Judge judge = publisher.gathered();
    REQUIRE(judge.image_signature() != nullptr);
    CHECK(judge.image_signature()->name == "proof");
    CHECK(publisher.requests == Names{"proof"});
}

TEST_CASE("a profile's documents are looked for first", "[verify][given-url]") {
    Publisher publisher;
    publisher.mode = Mode::Checksum;
    publisher.hints.documents = {"Release-1-CHECKSUM"};
    publisher.files["Release-1-CHECKSUM"] = kSums;
    CHECK(publisher.judge(right_digests()).word == VerdictWord::Verified);
    CHECK(publisher.requests == Names{"Release-1-CHECKSUM"});
}

TEST_CASE("at a place that a key is pinned to a checksum is not enough", "[verify][given-url]") {
    Keyring keyring;
    const std::string key = keyring.make_key();
    Publisher publisher;
    publisher.mode = Mode::Checksum;
    publisher.rings = {keyring.export_binary()};
    publisher.scope = pinned_to(key);
    publisher.files["SHA256SUMS"] = kSums;
    CHECK(publisher.judge(right_digests()).word == VerdictWord::Unsigned);
    REQUIRE(publisher.warnings.size() == 1);
    CHECK_THAT(publisher.warnings[0], contains("a key is pinned to this place (example.conf)"));
    publisher.files["SHA256SUMS.gpg"] = keyring.sign_detached(kSums, {.keys = {key}});
    CHECK(publisher.judge(right_digests()).word == VerdictWord::Verified);
}

TEST_CASE("G11: at a place that is reserved for another key a known key is unknown",
          "[verify][given-url]") {
    Keyring keyring;
    const std::string pinned = keyring.make_key();
    const std::string other = keyring.make_key({.owner = "Other <other@example.org>"});
    Publisher publisher;
    publisher.rings = {keyring.export_binary()};
    publisher.scope = pinned_to(pinned);
    publisher.files["SHA256SUMS"] = kSums;
    publisher.files["SHA256SUMS.gpg"] = keyring.sign_detached(kSums, {.keys = {other}});
    const Ending ending = publisher.judge(right_digests());
    CHECK(ending.word == VerdictWord::UnknownKey);
    CHECK_THAT(ending.text, contains("signed by " + other));
    // Nor does a bad signature by a key that does not count here end the search.
    publisher.files["SHA256SUMS.asc"] = keyring.sign_detached("else", {.keys = {other}});
    publisher.files["SHA256SUMS.gpg"] = keyring.sign_detached(kSums, {.keys = {pinned}});
    CHECK(publisher.judge(right_digests()).word == VerdictWord::Verified);
}

TEST_CASE("G7: a key that has expired counts where a drop-in takes what it signed in its time",
          "[verify][given-url]") {
    Keyring keyring;
    const std::string key = keyring.make_key({.created = "20240101T000000", .expires = "1y"});
    Publisher publisher;
    publisher.rings = {keyring.export_binary()};
    publisher.files["SHA256SUMS"] = kSums;
    publisher.files["SHA256SUMS.gpg"] =
        keyring.sign_detached(kSums, {.keys = {key}, .time = "20240601T000000!"});
    CHECK(publisher.judge(right_digests()).word == VerdictWord::ExpiredKey);
    verify::KeyScope::Rules rules = pinned_to(key).rules();
    rules.accept_expired.insert(key);
    publisher.scope = verify::KeyScope(rules);
    CHECK(publisher.judge(right_digests()).word == VerdictWord::Verified);
}

TEST_CASE("what will be asked for is announced, signatures first once there is a document",
          "[verify][given-url]") {
    Publisher publisher;
    publisher.files["a.img.sha256"] = kSums;
    publisher.statuses["a.img.sha256.asc"] = 503;
    CHECK(publisher.judge(right_digests()).word == VerdictWord::Unavailable);
    const Names signatures = verify::signature_names("a.img.sha256");
    REQUIRE(publisher.expected.size() > signatures.size());
    CHECK(Names(publisher.expected.begin(),
                publisher.expected.begin() + static_cast<std::ptrdiff_t>(signatures.size())) ==
          signatures);
    CHECK(publisher.expected.at(signatures.size()) == "a.img.sha512");
    CHECK(publisher.expected.back() == "a.img.minisig");
}
