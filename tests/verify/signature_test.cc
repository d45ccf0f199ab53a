// Signatures of every kind through Judge, the real slipway-check and the real gpg.

#include <string>
#include <utility>
#include <vector>

#include "tests/catch.hh"
#include "tests/verify/publisher.hh"
#include "verify/discovery.hh"

using namespace slipway;
using namespace slipway::tests;
using stream::Algorithm;

namespace {

const std::string kSums = right_sums();
const std::string kWrong256 = wrong_digests().at(Algorithm::Sha256);

// The verdict over a right image beside which lie SHA256SUMS and, as SHA256SUMS.gpg, this
// signature.
Ending with_signature(const std::string& signature, std::vector<std::string> rings,
                      const std::string& sums = kSums) {
    Publisher publisher;
    publisher.rings = std::move(rings);
    publisher.files["SHA256SUMS"] = sums;
    publisher.files["SHA256SUMS.gpg"] = signature;
    return publisher.judge(right_digests());
}

// Times that lie well in the past.
constexpr const char* kThen = "20240101T000000";
constexpr const char* kLater = "20240601T000000";

} // namespace

TEST_CASE("a signed document vouches for the image, and the key is named", "[verify][signature]") {
    Keyring keyring;
    const std::string key = keyring.make_key({.created = kThen});
    Publisher publisher;
    publisher.rings = {keyring.export_binary()};
    publisher.files["SHA256SUMS"] = kSums;
    publisher.files["SHA256SUMS.gpg"] =
        keyring.sign_detached(kSums, {.keys = {key}, .time = "20240601T000000!"});
    verify::Judge judge = publisher.gathered();
    CHECK(judge.judge(right_digests()).sentence() ==
          "verified: SHA-256, signed by " + key + " (Test Publisher <publisher@example.org>)");
    CHECK(judge.judge(right_digests()).key() == key);
    CHECK(judge.statement().key == key);
    CHECK(judge.statement().signing_key == key);
    CHECK(judge.statement().owner == "Test Publisher <publisher@example.org>");
    CHECK(judge.statement().signed_at == 1717200000);
    CHECK(publisher.warnings.empty());
    std::vector<std::string> asked = verify::document_names("a.img");
    asked.resize(asked.size() - 10); // up to SHA256SUMS
    asked.insert(asked.end(), {"SHA256SUMS.asc", "SHA256SUMS.gpg"});
    CHECK(publisher.requests == asked);
    CHECK(publisher.expected.empty());
    CHECK(publisher.seen_lines ==
          std::vector<std::string>{"SHA256SUMS: SHA-256 of 'a.img' in line 1",
                                   "SHA256SUMS.gpg: signed by " + key +
                                       " (Test Publisher <publisher@example.org>)"});
}

TEST_CASE("a signature is found under both of its names, armored or binary",
          "[verify][signature]") {
    Keyring keyring;
    const std::string key = keyring.make_key();
    for (const std::string document : {"SHA256SUMS", "SHA512SUMS", "a.img.sha256"}) {
        for (const std::string suffix : {".asc", ".gpg", ".sig", ".sign"}) {
            for (const bool armored : {true, false}) {
                Publisher publisher;
                publisher.rings = {keyring.export_binary()};
                publisher.files[document] = kSums;
                publisher.files[document + suffix] =
                    keyring.sign_detached(kSums, {.keys = {key}, .armored = armored});
                INFO(document << suffix << (armored ? " armored" : " binary"));
                CHECK(publisher.judge(right_digests()).word == VerdictWord::Verified);
            }
        }
    }
}

TEST_CASE("D12: a signed document that the image contradicts speaks of tampering and names the key",
          "[verify][signature]") {
    Keyring keyring;
    const std::string key = keyring.make_key();
    const std::string sums = kWrong256 + "  a.img\n";
    const Ending ending = with_signature(keyring.sign_detached(sums, {.keys = {key}}),
                                         {keyring.export_binary()}, sums);
    CHECK(ending.word == VerdictWord::DigestMismatch);
    CHECK_THAT(ending.text, contains("'SHA256SUMS' (signed by " + key +
                                     " (Test Publisher <publisher@example.org>)) says fff"));
    CHECK_THAT(ending.text, contains("tampered"));
}

TEST_CASE("D15: what stands outside the signed block of a document is as if it were not there",
          "[verify][signature]") {
    Keyring keyring;
    const std::string key = keyring.make_key();
    Publisher publisher;
    publisher.rings = {keyring.export_binary()};
    publisher.files["SHA256SUMS"] =
        kSums + keyring.clearsign("x\n" + kWrong256 + "  b.img\n", {.keys = {key}}) + kSums;
    CHECK(publisher.judge(right_digests()).word == VerdictWord::NoEntry);
}

TEST_CASE("a second signed block in a document is not read", "[verify][signature]") {
    Keyring keyring;
    const std::string key = keyring.make_key();
    Keyring stranger;
    const std::string other = stranger.make_key();
    const std::string good = keyring.clearsign(kWrong256 + "  b.img\n", {.keys = {key}});
    const std::string evil = stranger.clearsign(kSums, {.keys = {other}});
    Publisher publisher;
    publisher.rings = {keyring.export_binary()};
    publisher.files["SHA256SUMS"] = good + evil;
    CHECK(publisher.judge(right_digests()).word == VerdictWord::NoEntry);
    publisher.files["SHA256SUMS"] = evil + good;
    CHECK(publisher.judge(right_digests()).word == VerdictWord::UnknownKey);
}

TEST_CASE("D16: dash-escaped and trailing-blank lines in a clearsigned document are no obstacle",
          "[verify][signature]") {
    Keyring keyring;
    const std::string key = keyring.make_key();
    Publisher publisher;
    publisher.rings = {keyring.export_binary()};
    publisher.files["SHA256SUMS"] = keyring.clearsign(
        "-----\n- x\n" + right_digests().at(Algorithm::Sha256) + "  a.img \t\n", {.keys = {key}});
    CHECK_THAT(publisher.files["SHA256SUMS"], contains("\n- -----\n- - x\n"));
    const Ending ending = publisher.judge(right_digests());
    CHECK(ending.word == VerdictWord::Verified);
    CHECK_THAT(ending.text, contains("signed by " + key));
    CHECK(publisher.requests.back() == "SHA256SUMS"); // no detached signature is looked for
}

TEST_CASE("a clearsigned document whose text was changed is a bad signature",
          "[verify][signature]") {
    Keyring keyring;
    const std::string key = keyring.make_key();
    Publisher publisher;
    publisher.rings = {keyring.export_binary()};
    std::string document = keyring.clearsign(kWrong256 + "  a.img\n", {.keys = {key}});
    document.replace(document.find(kWrong256), 64, right_digests().at(Algorithm::Sha256));
    publisher.files["SHA256SUMS"] = document;
    CHECK(publisher.judge(right_digests()).word == VerdictWord::BadSignature);
}

TEST_CASE("a signed copy in the place of a signature is a document of its own and has to agree",
          "[verify][signature]") {
    Keyring keyring;
    const std::string key = keyring.make_key();
    const auto with_copy = [&](const std::string& copy) {
        return with_signature(keyring.clearsign(copy, {.keys = {key}}), {keyring.export_binary()});
    };
    CHECK(with_copy("# the same, signed\n" + kSums).word == VerdictWord::Verified);
    CHECK(with_copy(kWrong256 + "  a.img\n").word == VerdictWord::Conflict);
    CHECK(with_copy(kWrong256 + "  b.img\n").word == VerdictWord::NoEntry);
}

TEST_CASE("an unsigned document read before a signed one has to agree", "[verify][signature]") {
    Keyring keyring;
    const std::string key = keyring.make_key();
    Publisher publisher;
    publisher.rings = {keyring.export_binary()};
    publisher.files["a.img.sha256"] = right_digests().at(Algorithm::Sha256) + "\n";
    publisher.files["SHA256SUMS"] = kSums;
    publisher.files["SHA256SUMS.gpg"] = keyring.sign_detached(kSums, {.keys = {key}});
    CHECK(publisher.judge(right_digests()).word == VerdictWord::Verified);
    publisher.files["a.img.sha256"] = kWrong256 + "\n";
    CHECK(publisher.judge(right_digests()).word == VerdictWord::Conflict);
    publisher.files["a.img.sha256"] = wrong_digests().at(Algorithm::Sha512) + "\n";
    const Ending ending = publisher.judge(right_digests());
    CHECK(ending.word == VerdictWord::DigestMismatch);
    CHECK_THAT(ending.text, !contains("tampered")); // the signed statement matches
}

TEST_CASE("G1: a document without any signature is unsigned, and says what would work",
          "[verify][signature]") {
    Publisher publisher;
    publisher.files["SHA256SUMS"] = kSums;
    const Ending ending = publisher.judge(right_digests());
    CHECK(ending.word == VerdictWord::Unsigned);
    CHECK(ending.text == "not signed: none of 'SHA256SUMS'{.asc, .gpg, .sig, .sign, .minisig}, "
                         "'a.img'{.asc, .sig, .gpg, .sign, .minisig} exists; nothing was stored. "
                         "--verify=checksum would accept the digest that was found, "
                         "which proves that the image arrives whole, not who made it");
}

TEST_CASE("G2: a signature that answers 5xx or cannot be fetched is unavailable",
          "[verify][signature]") {
    for (const std::string name : {"SHA256SUMS.gpg", "SHA256SUMS.asc"}) {
        Publisher publisher;
        publisher.files["SHA256SUMS"] = kSums;
        publisher.statuses[name] = 502;
        CHECK(publisher.judge(right_digests()).word == VerdictWord::Unavailable);
        publisher.statuses.clear();
        publisher.unreachable = {name};
        CHECK(publisher.judge(right_digests()).word == VerdictWord::Unavailable);
    }
}

TEST_CASE("G3: HTML or an empty file instead of a signature is neither unsigned nor success",
          "[verify][signature]") {
    Keyring keyring;
    const std::string key = keyring.make_key();
    const std::string whole = keyring.sign_detached(kSums, {.keys = {key}, .armored = false});
    const std::string armored = keyring.sign_detached(kSums, {.keys = {key}});
    for (const std::string& content :
         {std::string("<!DOCTYPE html>"), std::string(), whole.substr(0, whole.size() / 2),
          armored.substr(0, armored.size() / 2), std::string("\x88\x02\x04", 3), kSums}) {
        const Ending ending = with_signature(content, {keyring.export_binary()});
        CHECK(ending.word == VerdictWord::BadSignature);
        CHECK_THAT(ending.text, contains("bad signature: 'SHA256SUMS.gpg' is not a signature"));
    }
}

TEST_CASE("S16: a signature without end is unparsable, and the image is not called unsigned",
          "[verify][signature]") {
    const Ending ending = with_signature(std::string(verify::kMaxSignatureBytes + 1, 'x'), {});
    CHECK(ending.word == VerdictWord::Unparsable);
    CHECK_THAT(ending.text, contains("'SHA256SUMS.gpg' is not a signature: it is larger than 64"));
}

TEST_CASE("a file that is no signature does not end the search", "[verify][signature]") {
    Keyring keyring;
    const std::string key = keyring.make_key();
    Publisher publisher;
    publisher.rings = {keyring.export_binary()};
    publisher.files["SHA256SUMS"] = kSums;
    publisher.files["SHA256SUMS.gpg"] = "<p>";
    publisher.files["SHA256SUMS.asc"] = keyring.sign_detached(kSums, {.keys = {key}});
    CHECK(publisher.judge(right_digests()).word == VerdictWord::Verified);
}

TEST_CASE("G4: a key that no ring holds is unknown and named", "[verify][signature]") {
    Keyring keyring;
    Keyring stranger;
    const std::string other = stranger.make_key({.owner = "Stranger <stranger@example.net>"});
    keyring.make_key();
    const std::string signature = stranger.sign_detached(kSums, {.keys = {other}});
    const Ending ending = with_signature(signature, {keyring.export_binary()});
    CHECK(ending.word == VerdictWord::UnknownKey);
    CHECK_THAT(ending.text, contains("signed by " + other +
                                     ", an unknown key here (the key rings "
                                     "hold 1 other)"));
    CHECK_THAT(ending.text, contains("add it: slipway keys add FILE"));
    CHECK_THAT(with_signature(signature, {}).text, contains("(no key ring holds a key)"));
}

TEST_CASE("G5: a document changed after an accepted key has signed it is a bad signature",
          "[verify][signature]") {
    Keyring keyring;
    const std::string key = keyring.make_key();
    const Ending ending = with_signature(keyring.sign_detached("# old\n" + kSums, {.keys = {key}}),
                                         {keyring.export_binary()});
    CHECK(ending.word == VerdictWord::BadSignature);
    CHECK_THAT(ending.text, contains("bad signature: 'SHA256SUMS.gpg' holds one by " + key +
                                     " (Test Publisher <publisher@example.org>) that does not "
                                     "fit; nothing was stored"));
    CHECK_THAT(ending.text, !contains("tampered"));
}

TEST_CASE("G6: a valid signature of another document is a bad signature", "[verify][signature]") {
    Keyring keyring;
    const std::string key = keyring.make_key();
    CHECK(with_signature(keyring.sign_detached("something else", {.keys = {key}}),
                         {keyring.export_binary()})
              .word == VerdictWord::BadSignature);
}

TEST_CASE("a signed message instead of a detached signature vouches for nothing",
          "[verify][signature]") {
    Keyring keyring;
    const std::string key = keyring.make_key();
    // Its own content is signed by an accepted key: an engine may take that for the answer.
    for (const std::string how : {"--sign", "--store"}) {
        const std::string message =
            run_ok({"gpg", "--homedir", keyring.home().string(), "--batch", "--quiet",
                    "--pinentry-mode", "loopback", "--passphrase", "", "--output", "-", how, "-"},
                   {.input = kSums, .environment = {}, .directory = {}});
        CHECK(with_signature(message, {keyring.export_binary()}).word == VerdictWord::BadSignature);
    }
}

TEST_CASE("a bad signature is looked at once more, past caches", "[verify][signature]") {
    Keyring keyring;
    const std::string key = keyring.make_key();
    Publisher publisher;
    publisher.rings = {keyring.export_binary()};
    publisher.files["SHA256SUMS"] = kSums;
    publisher.files["SHA256SUMS.gpg"] = keyring.sign_detached(kSums, {.keys = {key}});
    publisher.cached["SHA256SUMS"] = "# yesterday's\n" + kSums;
    CHECK(publisher.judge(right_digests()).word == VerdictWord::Verified);
    publisher.files["SHA256SUMS.gpg"] = keyring.sign_detached("else", {.keys = {key}});
    publisher.requests.clear();
    CHECK(publisher.judge(right_digests()).word == VerdictWord::BadSignature);
    CHECK(publisher.requests.size() == 24); // twice, and no further name was tried
}

TEST_CASE("G7: an expired key is refused, although it signed in its time", "[verify][signature]") {
    Keyring keyring;
    const std::string key = keyring.make_key({.created = kThen, .expires = "30d"});
    const Ending ending =
        with_signature(keyring.sign_detached(kSums, {.keys = {key}, .time = "20240102T000000"}),
                       {keyring.export_binary()});
    CHECK(ending.word == VerdictWord::ExpiredKey);
    CHECK_THAT(ending.text, contains("key " + key +
                                     " (Test Publisher <publisher@example.org>) expired on "
                                     "2024-01-31; nothing was stored"));
}

TEST_CASE("G7: a revoked key is refused, whichever copy of it comes first", "[verify][signature]") {
    Keyring keyring;
    const std::string key = keyring.make_key({.created = kThen});
    const std::string signature = keyring.sign_detached(kSums, {.keys = {key}, .time = kLater});
    const std::string before = keyring.export_binary();
    keyring.revoke(key);
    const std::string after = keyring.export_binary();
    CHECK(with_signature(signature, {before}).word == VerdictWord::Verified);
    for (const auto& rings : std::vector<std::vector<std::string>>{
             {after}, {before, after}, {after, before}, {before + after}}) {
        const Ending ending = with_signature(signature, rings);
        CHECK(ending.word == VerdictWord::RevokedKey);
        CHECK_THAT(ending.text, contains("key " + key));
    }
}

TEST_CASE("G7: an expired signature is refused", "[verify][signature]") {
    Keyring keyring;
    const std::string key = keyring.make_key({.created = kThen});
    const Ending ending = with_signature(
        keyring.sign_detached(kSums, {.keys = {key}, .time = kLater, .expires = "1d"}),
        {keyring.export_binary()});
    CHECK(ending.word == VerdictWord::ExpiredSignature);
    CHECK_THAT(ending.text, contains("expired on 2024-06-02"));
}

TEST_CASE("G7: a signature from the future is refused, and the clock doubted",
          "[verify][signature]") {
    Keyring keyring;
    const std::string key = keyring.make_key({.created = kThen});
    Publisher publisher;
    publisher.rings = {keyring.export_binary()};
    publisher.files["SHA256SUMS"] = kSums;
    publisher.files["SHA256SUMS.gpg"] =
        keyring.sign_detached(kSums, {.keys = {key}, .time = kLater});
    const auto signed_at = std::chrono::system_clock::from_time_t(1717200000);
    publisher.now = signed_at - std::chrono::hours(23);
    CHECK(publisher.judge(right_digests()).word == VerdictWord::Verified);
    publisher.now = signed_at - std::chrono::hours(25);
    const Ending ending = publisher.judge(right_digests());
    CHECK(ending.word == VerdictWord::FutureSignature);
    CHECK_THAT(ending.text, contains("signature lies in the future: is the clock right?"));
    CHECK_THAT(ending.text, contains("signed on 2024-06-01"));
}

TEST_CASE("K11: a key that was made in the future makes one doubt the clock, too",
          "[verify][signature]") {
    Keyring keyring;
    const std::string key = keyring.make_key({.created = "21000101T000000"});
    const std::string signature =
        keyring.sign_detached(kSums, {.keys = {key}, .time = "21000102T000000"});
    CHECK(with_signature(signature, {keyring.export_binary()}).word ==
          VerdictWord::FutureSignature);
}

TEST_CASE("G8: a weak hash is refused, although the engine takes it", "[verify][signature]") {
    Keyring keyring;
    const std::string key = keyring.make_key();
    struct Row {
        std::string digest;
        std::string said;
    };
    for (const Row& row :
         std::vector<Row>{{"SHA1", "SHA1"}, {"MD5", "MD5"}, {"RIPEMD160", "RIPEMD160"}}) {
        const Ending ending =
            with_signature(keyring.sign_detached(kSums, {.keys = {key}, .digest = row.digest}),
                           {keyring.export_binary()});
        CHECK(ending.word == VerdictWord::WeakDigest);
        CHECK_THAT(ending.text,
                   contains("weak digest: " + key) && contains("signed with " + row.said));
    }
    for (const std::string digest : {"SHA256", "SHA384", "SHA512"}) {
        CHECK(with_signature(keyring.sign_detached(kSums, {.keys = {key}, .digest = digest}),
                             {keyring.export_binary()})
                  .word == VerdictWord::Verified);
    }
}

TEST_CASE("G8: a key of 1024 bits is refused, one of 2048 is not", "[verify][signature]") {
    Keyring keyring;
    for (const std::string algorithm : {"rsa1024", "dsa1024", "rsa2048"}) {
        const std::string key = keyring.make_key(
            {.owner = algorithm + " <" + algorithm + "@example.org>", .algorithm = algorithm});
        const Ending ending =
            with_signature(keyring.sign_detached(kSums, {.keys = {key}, .digest = "SHA256"}),
                           {keyring.export_binary()});
        INFO(algorithm << ": " << ending.text);
        CHECK(ending.word ==
              (algorithm == "rsa2048" ? VerdictWord::Verified : VerdictWord::WeakDigest));
        if (algorithm == "rsa1024") {
            CHECK_THAT(ending.text, contains("signed with a weak key (RSA, 1024 bits)"));
        }
    }
}

TEST_CASE("G8: a strong subkey of a weak primary key is weak", "[verify][signature]") {
    Keyring keyring;
    const std::string key = keyring.make_key({.algorithm = "rsa1024"});
    const std::string subkey = keyring.add_signing_subkey(key, {.algorithm = "ed25519"});
    CHECK(with_signature(keyring.sign_detached(kSums, {.keys = {subkey + "!"}}),
                         {keyring.export_binary()})
              .word == VerdictWord::WeakDigest);
}

TEST_CASE("G9: of two signatures one good one suffices beside an unknown one",
          "[verify][signature]") {
    Keyring keyring;
    const std::string key = keyring.make_key();
    const std::string known = keyring.export_binary();
    const std::string other = keyring.make_key({.owner = "Other <other@example.org>"});
    for (const bool armored : {true, false}) {
        const Ending ending = with_signature(
            keyring.sign_detached(kSums, {.keys = {other, key}, .armored = armored}), {known});
        CHECK(ending.word == VerdictWord::Verified);
        CHECK_THAT(ending.text, contains("signed by " + key));
    }
    const std::string two = keyring.sign_detached(kSums, {.keys = {other}}) +
                            keyring.sign_detached(kSums, {.keys = {key}});
    CHECK(with_signature(two, {known}).word == VerdictWord::Verified);
}

TEST_CASE("G9: a bad one by an accepted key outweighs a good one", "[verify][signature]") {
    Keyring keyring;
    const std::string key = keyring.make_key();
    const std::string other = keyring.make_key({.owner = "Other <other@example.org>"});
    const std::string good = keyring.sign_detached(kSums, {.keys = {key}, .armored = false});
    const std::string bad = keyring.sign_detached("else", {.keys = {other}, .armored = false});
    CHECK(with_signature(good + bad, {keyring.export_binary()}).word == VerdictWord::BadSignature);
    CHECK(with_signature(bad + good, {keyring.export_binary()}).word == VerdictWord::BadSignature);
    // By a key that is not ours it says nothing.
    CHECK(with_signature(good + bad, {keyring.export_binary({key})}).word == VerdictWord::Verified);
}

TEST_CASE("a revoked key beside a good one outweighs it", "[verify][signature]") {
    Keyring keyring;
    const std::string key = keyring.make_key();
    const std::string other = keyring.make_key({.owner = "Other <other@example.org>"});
    const std::string both = keyring.sign_detached(kSums, {.keys = {key, other}});
    CHECK(with_signature(both, {keyring.export_binary()}).word == VerdictWord::Verified);
    keyring.revoke(other);
    CHECK(with_signature(both, {keyring.export_binary()}).word == VerdictWord::RevokedKey);
}

TEST_CASE("G10: a subkey bound to an accepted primary key vouches in the primary's name",
          "[verify][signature]") {
    Keyring keyring;
    const std::string key = keyring.make_key();
    const std::string subkey = keyring.add_signing_subkey(key);
    Publisher publisher;
    publisher.rings = {keyring.export_binary()};
    publisher.files["SHA256SUMS"] = kSums;
    publisher.files["SHA256SUMS.gpg"] = keyring.sign_detached(kSums, {.keys = {subkey + "!"}});
    verify::Judge judge = publisher.gathered();
    CHECK(judge.judge(right_digests()).key() == key);
    CHECK(judge.statement().signing_key == subkey);
}

TEST_CASE("G10: a subkey that our copy of the key lacks asks for a fresh copy",
          "[verify][signature]") {
    Keyring keyring;
    const std::string key = keyring.make_key();
    const std::string before = keyring.export_binary();
    const std::string subkey = keyring.add_signing_subkey(key);
    // Named by its address, gpg writes the owner into the signature; by its number, it does not.
    const std::string owned = keyring.sign_detached(kSums, {.keys = {"publisher@example.org"}});
    const std::string bare = keyring.sign_detached(kSums, {.keys = {subkey + "!"}});
    const Ending ending = with_signature(owned, {before});
    CHECK(ending.word == VerdictWord::UnknownKey);
    CHECK_THAT(ending.text, contains("signed by " + subkey +
                                     ", an unknown key here; it names "
                                     "publisher@example.org as its owner"));
    CHECK_THAT(ending.text, contains("refresh the key file"));
    CHECK_THAT(with_signature(bare, {before}).text, contains("refresh the key file"));
    // A fresh copy in any other ring suffices.
    CHECK(with_signature(owned, {before, keyring.export_binary()}).word == VerdictWord::Verified);
}

TEST_CASE("a signature in a kind of hash that the engine does not know is not supported",
          "[verify][signature]") {
    Keyring keyring;
    const std::string key = keyring.make_key();
    std::string signature = keyring.sign_detached(kSums, {.keys = {key}, .armored = false});
    signature[5] = '\x63'; // packet header 2, version, type, key algorithm; then the hash
    const Ending ending = with_signature(signature, {keyring.export_binary()});
    CHECK(ending.word == VerdictWord::UnsupportedSignature);
    CHECK_THAT(ending.text, contains("kind of signature not supported: 'SHA256SUMS.gpg'"));
    CHECK(with_signature(std::string("\x88\x01\x04", 3), {keyring.export_binary()}).word ==
          VerdictWord::UnsupportedSignature);
}
