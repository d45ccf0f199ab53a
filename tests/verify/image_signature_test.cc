// Signatures straight over the image: found, foreseen, and judged once the bytes have gone by.

#include <optional>
#include <string>
#include <vector>

#include "base/error.hh"
#include "base/memfd.hh"
#include "tests/catch.hh"
#include "tests/verify/publisher.hh"
#include "verify/discovery.hh"
#include "verify/judge.hh"

using namespace slipway;
using namespace slipway::tests;
using stream::Algorithm;
using verify::Mode;

namespace {

const std::string kImage = "the bytes of an image";
const std::string kSums = right_sums();

// What the check over these bytes says.
verify::SignatureReport check_over(Publisher& publisher, const verify::Judge& judge,
                                   const std::string& image) {
    REQUIRE(judge.image_signature() != nullptr);
    const verify::SignatureChecker checker = publisher.signature_checker();
    verify::StreamedCheck check(checker, judge.image_signature()->content);
    write_all(check.input(), image);
    check.close_input();
    return check.finish({});
}

// The ending of a pull whose image has these bytes, and right digests.
Ending judge_image(Publisher& publisher, const std::string& image) {
    try {
        const verify::Judge judge = publisher.gathered();
        const verify::SignatureReport report = check_over(publisher, judge, image);
        const Verdict verdict = judge.judge(right_digests(), &report);
        return {verdict.word(), verdict.sentence()};
    } catch (const Error& error) {
        return {error.verdict(), error.what()};
    }
}

// A key that is held, and an image that it has signed.
struct Signed {
    Keyring keyring;
    std::string key = keyring.make_key();
    Publisher publisher;

    explicit Signed(const std::string& suffix = ".asc") {
        publisher.rings = {keyring.export_binary()};
        publisher.files["a.img" + suffix] = keyring.sign_detached(kImage, {.keys = {key}});
    }
};

} // namespace

TEST_CASE("G14: a signature over the image is judged on the bytes as published",
          "[verify][image-signature]") {
    Signed house(GENERATE(as<std::string>(), ".asc", ".sig", ".gpg", ".sign"));
    const Ending good = judge_image(house.publisher, kImage);
    CHECK(good.word == VerdictWord::Verified);
    CHECK_THAT(good.text, contains("verified: signed by " + house.key));
    CHECK_THAT(good.text, contains("over the image itself"));
    std::string changed = kImage;
    changed[3] ^= 1;
    const Ending bad = judge_image(house.publisher, changed);
    CHECK(bad.word == VerdictWord::BadSignature);
    CHECK_THAT(bad.text, contains("that does not fit; nothing was stored"));
    CHECK_THAT(bad.text, !contains("tampered"));
    CHECK(judge_image(house.publisher, kImage + "x").word == VerdictWord::BadSignature);
    CHECK(judge_image(house.publisher, "").word == VerdictWord::BadSignature);
}

TEST_CASE("what vouches for an image that is signed itself is told", "[verify][image-signature]") {
    Signed house;
    const verify::Judge judge = house.publisher.gathered();
    CHECK(judge.algorithms().empty());
    CHECK(judge.statement().key == house.key);
    CHECK(judge.statement().signing_key == house.key);
    CHECK(judge.statement().document == "https://example.org/images/a.img.asc");
    CHECK(judge.statement().signed_at > 0);
    CHECK(judge.statement().freshness == "https://example.org/images/a.img");
    CHECK(judge.statement().digest.empty());
}

TEST_CASE("a signature over the image that was not checked vouches for nothing",
          "[verify][image-signature]") {
    Signed house;
    const verify::Judge judge = house.publisher.gathered();
    CHECK_THROWS_WITH(judge.judge(right_digests()), contains("was not checked"));
    // What was foreseen is no check.
    const verify::SignatureReport foreseen =
        house.publisher.foresee(house.publisher.files.at("a.img.asc"));
    try {
        judge.judge(right_digests(), &foreseen);
        FAIL("a signature whose bytes nobody saw has counted");
    } catch (const Error& error) {
        CHECK(error.verdict() == VerdictWord::BadSignature);
    }
}

TEST_CASE("an unsigned document beside an image that is signed itself has to agree",
          "[verify][image-signature]") {
    Signed house;
    house.publisher.files["a.img.sha256"] = kSums;
    const verify::Judge judge = house.publisher.gathered();
    CHECK(judge.algorithms() == std::vector{Algorithm::Sha256});
    CHECK(judge_image(house.publisher, kImage).word == VerdictWord::Verified);
    house.publisher.files["a.img.sha256"] = wrong_digests().at(Algorithm::Sha256) + "  a.img\n";
    const Ending ending = judge_image(house.publisher, kImage);
    CHECK(ending.word == VerdictWord::DigestMismatch);
    CHECK_THAT(ending.text, !contains("tampered"));
}

TEST_CASE("a signed document is enough; the signature over the image is not asked for",
          "[verify][image-signature]") {
    Signed house;
    house.publisher.files["a.img.sha256"] = kSums;
    house.publisher.files["a.img.sha256.asc"] =
        house.keyring.sign_detached(kSums, {.keys = {house.key}});
    const verify::Judge judge = house.publisher.gathered();
    CHECK(judge.image_signature() == nullptr);
    CHECK(house.publisher.requests.back() == "a.img.sha256.asc");
}

TEST_CASE("whose signature it is, is settled before the image is asked for",
          "[verify][image-signature]") {
    Keyring keyring;
    Publisher publisher;
    const auto word_of = [&](const std::string& key) {
        publisher.files["a.img.sig"] = keyring.sign_detached(kImage, {.keys = {key}});
        publisher.rings = {keyring.export_binary()};
        try {
            publisher.gathered();
            return std::optional<VerdictWord>();
        } catch (const Error& error) {
            return error.verdict();
        }
    };
    const std::string revoked = keyring.make_key({.owner = "Revoked <r@example.org>"});
    CHECK_FALSE(word_of(revoked));
    const std::string signature = publisher.files["a.img.sig"];
    keyring.revoke(revoked);
    publisher.rings = {keyring.export_binary()};
    CHECK_THROWS_WITH(publisher.gathered(), contains("was revoked"));
    Keyring stranger;
    const std::string other = stranger.make_key();
    publisher.files["a.img.sig"] = stranger.sign_detached(kImage, {.keys = {other}});
    const Ending unknown = publisher.judge(right_digests());
    CHECK(unknown.word == VerdictWord::UnknownKey);
    CHECK_THAT(unknown.text, contains("signed by " + other));
    publisher.files["MD5SUMS"] = std::string(32, 'a') + "  a.img\n"; // says nothing beside it
    CHECK(publisher.judge(right_digests()).word == VerdictWord::UnknownKey);
    publisher.files.erase("MD5SUMS");
    publisher.files["a.img.sig"] = "damaged";
    CHECK(publisher.judge(right_digests()).word == VerdictWord::BadSignature);
}

TEST_CASE("D7: a server that answers every name with a page has neither documents nor signatures",
          "[verify][image-signature]") {
    Publisher publisher;
    publisher.mode = GENERATE(Mode::Checksum, Mode::Signature);
    const std::string page = "\n<!DOCTYPE html><p>sign in";
    for (const auto& names :
         {verify::document_names("a.img"), verify::image_signature_names("a.img"),
          verify::weak_document_names("a.img")}) {
        for (const std::string& name : names) {
            publisher.files[name] = page;
        }
    }
    const Ending ending = publisher.judge(right_digests());
    CHECK(ending.word == VerdictWord::Unparsable);
    CHECK_THAT(ending.text, contains("'a.img.sha256' is not a checksum document: starts with "
                                     "'<!DOCTYPE html>"));
    CHECK_THAT(ending.text, !contains("may sign"));
}

TEST_CASE("checksum mode names a signature over the image, and does not take it",
          "[verify][image-signature]") {
    Signed house;
    house.publisher.mode = Mode::Checksum;
    const Ending ending = house.publisher.judge(right_digests());
    CHECK(ending.word == VerdictWord::NoChecksum);
    CHECK_THAT(ending.text, contains("'a.img.asc' may sign the image itself: --verify=signature "
                                     "would check that"));
}

TEST_CASE("a clearsigned text in the place of a signature over the image is a document",
          "[verify][image-signature]") {
    Signed house;
    house.publisher.files["a.img.asc"] = house.keyring.clearsign(kSums, {.keys = {house.key}});
    const verify::Judge judge = house.publisher.gathered();
    CHECK(judge.image_signature() == nullptr);
    CHECK(judge.judge(right_digests()).word() == VerdictWord::Verified);
}

TEST_CASE("after a bad signature over the image a newer one asks for the image again",
          "[verify][image-signature]") {
    Signed house;
    house.publisher.cached["a.img.asc"] =
        house.keyring.sign_detached("yesterday's image", {.keys = {house.key}});
    verify::Judge judge = house.publisher.gathered();
    const verify::SignatureReport report = check_over(house.publisher, judge, kImage);
    CHECK_THROWS_AS(judge.judge(right_digests(), &report), Error);
    const std::string before = judge.image_signature()->content;
    CHECK(judge.look_again(house.publisher));
    CHECK(judge.image_signature()->content != before);
    const verify::SignatureReport again = check_over(house.publisher, judge, kImage);
    CHECK(judge.judge(right_digests(), &again).word() == VerdictWord::Verified);
    CHECK_FALSE(judge.look_again(house.publisher)); // once
}
