// Documents beside an image, through Judge: what vouches, what does not, and what is said then.

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

namespace {

const std::string kSha256 = right_digests().at(Algorithm::Sha256);
const std::string kSha512 = right_digests().at(Algorithm::Sha512);
const std::string kBlake2b = right_digests().at(Algorithm::Blake2b);
const std::string kWrong256 = wrong_digests().at(Algorithm::Sha256);
const std::string kWrong512 = wrong_digests().at(Algorithm::Sha512);

// The verdict in checksum mode over an image that is right, beside which these files lie.
Ending with_files(std::map<std::string, std::string> files) {
    Publisher publisher;
    publisher.mode = Mode::Checksum;
    publisher.files = std::move(files);
    return publisher.judge(right_digests());
}

std::vector<std::string> all_of(const std::vector<std::vector<std::string>>& lists) {
    std::vector<std::string> all;
    for (const std::vector<std::string>& list : lists) {
        all.insert(all.end(), list.begin(), list.end());
    }
    return all;
}

} // namespace

TEST_CASE("D1: without any document the image is refused before it is asked for",
          "[verify][documents]") {
    Publisher publisher;
    publisher.mode = GENERATE(Mode::Checksum, Mode::Signature);
    const Ending ending = publisher.judge(right_digests());
    CHECK(ending.word == VerdictWord::NoChecksum);
    CHECK(ending.text ==
          "no checksum or signature found beside 'https://example.org/images/a.img': none of "
          "'a.img'{.sha256, .sha512, .SHA256, .SHA512, .SHA256SUM, .SHA512SUM, .CHECKSUM, "
          ".DIGESTS, .asc, .sig, .gpg, .sign, .minisig}, 'a.SHA256SUMS', 'SHA256SUMS', "
          "'SHA512SUMS', 'CHECKSUM', 'CHECKSUM.SHA512', 'CHECKSUM.SHA256', 'sha256sums.txt', "
          "'sha512sums.txt', 'sha256sum.txt', 'sha512sum.txt', 'sha256sums', 'b2sums.txt' exists; "
          "nothing was stored. If you know the image's digest from elsewhere, give it as "
          "--verify=DIGEST");
    CHECK(publisher.requests ==
          all_of({verify::document_names("a.img"), verify::image_signature_names("a.img"),
                  verify::weak_document_names("a.img")}));
}

TEST_CASE("D2: a document that lists other files only is no-entry", "[verify][documents]") {
    const Ending ending =
        with_files({{"SHA256SUMS", kSha256 + "  b.img\n" + kSha256 + "  c.img\n"}});
    CHECK(ending.word == VerdictWord::NoEntry);
    CHECK_THAT(ending.text, contains("no entry for 'a.img' in 'SHA256SUMS' (2 others); nothing "
                                     "was stored"));
}

TEST_CASE("D3: an entry for a name that contains ours is no-entry", "[verify][documents]") {
    CHECK(with_files({{"SHA256SUMS", kSha256 + "  xa.img\n" + kSha256 + "  a.img.manifest\n"}})
              .word == VerdictWord::NoEntry);
}

TEST_CASE("D4: an entry under another directory is no-entry", "[verify][documents]") {
    CHECK(with_files({{"SHA256SUMS", kSha256 + "  images/a.img\n"}}).word == VerdictWord::NoEntry);
}

TEST_CASE("D5: every shape of a line vouches for the image", "[verify][documents]") {
    const std::string upper(64, 'A');
    for (const std::string& text :
         {kSha256 + "  ./a.img\n", kSha256 + "  a.img\r\n", "\xEF\xBB\xBF" + kSha256 + "  a.img\n",
          upper + "  a.img\n", kSha256 + "  a.img", kSha256 + " a.img\n", kSha256 + " *a.img\n",
          "SHA256 (a.img) = " + kSha256 + "\n", "# BLAKE2B HASH\n" + kBlake2b + "  a.img\n",
          "# SHA512 HASH\n" + kSha512 + "  a.img\n"}) {
        INFO(text);
        CHECK(with_files({{"SHA256SUMS", text}}).word == VerdictWord::Verified);
    }
    const Ending bare = with_files({{"a.img.sha512", kSha512 + "\n"}});
    CHECK(bare.word == VerdictWord::Verified);
    CHECK(bare.text == "verified: SHA-512 as 'a.img.sha512' says; no signature was asked for");
}

TEST_CASE("D6: sizes, comments and noise between entries are passed over", "[verify][documents]") {
    const std::string text =
        "# a.img: 123 bytes\na.img: 123 bytes\nbuild log\n" + right_sums() + "# the end\n";
    CHECK(with_files({{"SHA256SUMS", text}}).word == VerdictWord::Verified);
}

TEST_CASE("D7: HTML or binary with status 200 is unparsable and shown", "[verify][documents]") {
    const Ending html = with_files({{"SHA256SUMS", "<!DOCTYPE html><p>sign in"}});
    CHECK(html.word == VerdictWord::Unparsable);
    CHECK_THAT(html.text, contains("'SHA256SUMS' is not a checksum document: starts with "
                                   "'<!DOCTYPE html><p>sign in'; nothing was stored"));
    const Ending binary = with_files({{"SHA256SUMS", std::string("\x7f"
                                                                 "ELF\0",
                                                                 5)}});
    CHECK(binary.word == VerdictWord::Unparsable);
    CHECK_THAT(binary.text, contains("starts with '\\x7fELF\\x00'"));
}

TEST_CASE("an unparsable document does not end the search", "[verify][documents]") {
    CHECK(with_files({{"a.img.sha256", "<p>"}, {"SHA256SUMS", right_sums()}}).word ==
          VerdictWord::Verified);
}

TEST_CASE("D8: two digests of one algorithm are a conflict", "[verify][documents]") {
    const Ending ending =
        with_files({{"SHA256SUMS", right_sums() + "\n" + kWrong256 + "  a.img\n"}});
    CHECK(ending.word == VerdictWord::Conflict);
    CHECK_THAT(ending.text, contains("conflict: two entries for 'a.img': line 1 of 'SHA256SUMS' "
                                     "gives SHA-256 aaa"));
    CHECK_THAT(ending.text, contains("line 3 of 'SHA256SUMS' gives fff"));
}

TEST_CASE("D9: only weak algorithms are weak-digest", "[verify][documents]") {
    const std::string md5 = std::string(32, 'a') + "  a.img\n";
    const Ending ending = with_files({{"SHA256SUMS", md5}});
    CHECK(ending.word == VerdictWord::WeakDigest);
    CHECK_THAT(ending.text,
               contains("weak digest: only 'MD5' in 'SHA256SUMS'; nothing was stored"));
    CHECK(with_files({{"SHA256SUMS", md5 + right_sums()}}).word == VerdictWord::Verified);
}

TEST_CASE("D10: a right digest beside a wrong stronger one is a mismatch", "[verify][documents]") {
    const Ending ending = with_files({{"SHA256SUMS", right_sums() + kWrong512 + "  a.img\n"}});
    CHECK(ending.word == VerdictWord::DigestMismatch);
    CHECK_THAT(ending.text, contains("SHA-512 is aaa"));
}

TEST_CASE("a wrong digest beside a right stronger one is a mismatch, too", "[verify][documents]") {
    CHECK(with_files({{"SHA256SUMS", kWrong256 + "  a.img\n" + kSha512 + "  a.img\n"}}).word ==
          VerdictWord::DigestMismatch);
}

TEST_CASE("D11: an unsigned document that the image does not match speaks of no tampering",
          "[verify][documents]") {
    const Ending ending = with_files({{"SHA256SUMS", kWrong256 + "  a.img\n"}});
    CHECK(ending.word == VerdictWord::DigestMismatch);
    CHECK(ending.text == "SHA-256 is " + kSha256 + ", 'SHA256SUMS' says " + kWrong256 +
                             ": it does not match; nothing was stored. Pull again; if it repeats, "
                             "the mirror is stale");
}

TEST_CASE("D13: a document that answers 503 is unavailable, and no other is tried",
          "[verify][documents]") {
    Publisher publisher;
    publisher.mode = Mode::Checksum;
    publisher.files["SHA512SUMS"] = kSha512 + "  a.img\n";
    publisher.statuses["SHA256SUMS"] = 503;
    const Ending ending = publisher.judge(right_digests());
    CHECK(ending.word == VerdictWord::Unavailable);
    CHECK(ending.text == "'https://example.org/images/SHA256SUMS' answered 503; nothing was "
                         "stored. Try again");
    CHECK(publisher.requests.back() == "SHA256SUMS");
}

TEST_CASE("what an answer to a document means is the table's", "[verify][documents]") {
    struct Row {
        int status;
        VerdictWord word;
    };
    for (const Row row : {Row{404, VerdictWord::Verified}, Row{403, VerdictWord::Verified},
                          Row{410, VerdictWord::Verified}, Row{401, VerdictWord::Unavailable},
                          Row{407, VerdictWord::Unavailable}, Row{400, VerdictWord::Unavailable},
                          Row{418, VerdictWord::Unavailable}, Row{408, VerdictWord::Unavailable},
                          Row{429, VerdictWord::Unavailable}, Row{500, VerdictWord::Unavailable},
                          Row{503, VerdictWord::Unavailable}, Row{301, VerdictWord::Unavailable}}) {
        Publisher publisher;
        publisher.mode = Mode::Checksum;
        publisher.files["SHA512SUMS"] = kSha512 + "  a.img\n";
        publisher.statuses["SHA256SUMS"] = row.status;
        INFO(row.status);
        CHECK(publisher.judge(right_digests()).word == row.word);
    }
}

TEST_CASE("an answer that asks for credentials says so", "[verify][documents]") {
    Publisher publisher;
    publisher.image_url = "https://me:secret@example.org/a.img";
    publisher.statuses["a.img.sha256"] = 401;
    CHECK(publisher.judge(right_digests()).text ==
          "'https://…@example.org/a.img.sha256' answered 401, it asks for credentials; nothing was "
          "stored. Put them into the URL");
}

TEST_CASE("a document that cannot be fetched is unavailable, never absent", "[verify][documents]") {
    Publisher publisher;
    publisher.mode = Mode::Checksum;
    publisher.files["SHA256SUMS"] = right_sums();
    publisher.unreachable = {"a.img.sha256"};
    const Ending ending = publisher.judge(right_digests());
    CHECK(ending.word == VerdictWord::Unavailable);
    CHECK(ending.text == "cannot tell whether 'a.img.sha256' vouches for the image: the connection "
                         "was cut; nothing was stored. Try again");
}

TEST_CASE("S16: a document without end is unparsable", "[verify][documents]") {
    const Ending ending =
        with_files({{"SHA256SUMS", std::string(verify::kMaxDocumentBytes + 1, '\n')}});
    CHECK(ending.word == VerdictWord::Unparsable);
    CHECK_THAT(ending.text, contains("larger than 4.0M"));
}

TEST_CASE("D14: documents newer than the image are looked at once more", "[verify][documents]") {
    Publisher publisher;
    publisher.mode = Mode::Checksum;
    publisher.files["SHA256SUMS"] = right_sums();
    publisher.cached["SHA256SUMS"] = kWrong256 + "  a.img\n";
    verify::Judge judge = publisher.gathered();
    CHECK_THROWS_AS(judge.judge(right_digests()), Error);
    CHECK(judge.look_again(publisher));
    CHECK(judge.judge(right_digests()).word() == VerdictWord::Verified);
    const std::size_t asked = publisher.requests.size();
    CHECK_FALSE(judge.look_again(publisher)); // once
    CHECK(publisher.requests.size() == asked);
}

TEST_CASE("a second look that finds the same changes nothing", "[verify][documents]") {
    Publisher publisher;
    publisher.mode = Mode::Checksum;
    publisher.files["SHA256SUMS"] = kWrong256 + "  a.img\n";
    verify::Judge judge = publisher.gathered();
    CHECK_FALSE(judge.look_again(publisher));
    CHECK_THROWS_WITH(judge.judge(right_digests()), contains("does not match"));
}

TEST_CASE("a second look that finds another algorithm asks for the image again",
          "[verify][documents]") {
    Publisher publisher;
    publisher.mode = Mode::Checksum;
    publisher.files["SHA256SUMS"] = kSha512 + "  a.img\n";
    publisher.cached["SHA256SUMS"] = kWrong256 + "  a.img\n";
    verify::Judge judge = publisher.gathered();
    CHECK(judge.algorithms() == std::vector{Algorithm::Sha256});
    CHECK(judge.look_again(publisher));
    CHECK(judge.algorithms() == std::vector{Algorithm::Sha512});
    CHECK_THROWS_WITH(judge.judge({{Algorithm::Sha256, kSha256}}),
                      contains("SHA-512 is not known"));
}

TEST_CASE("D17: a sidecar that names another file vouches, and it is said", "[verify][documents]") {
    Publisher publisher;
    publisher.mode = Mode::Checksum;
    publisher.files["a.img.sha256"] = "SHA256 (a-20260207.img) = " + kSha256 + "\n";
    CHECK(publisher.judge(right_digests()).word == VerdictWord::Verified);
    CHECK(publisher.warnings ==
          std::vector<std::string>{
              "'a.img.sha256' calls the file 'a-20260207.img'; taken for 'a.img'"});
    CHECK(with_files({{"SHA256SUMS", kSha256 + "  a-20260207.img\n"}}).word ==
          VerdictWord::NoEntry);
}

TEST_CASE("D18: a name in the URL is matched decoded, byte for byte", "[verify][documents]") {
    struct Row {
        std::string in_url;
        std::string decoded;
    };
    for (const Row& row : std::vector<Row>{{"a%20b.img", "a b.img"},
                                           {"a:b+c.img", "a:b+c.img"},
                                           {"a%3Ab%2Bc.img", "a:b+c.img"},
                                           {"gr%C3%B6%C3%9Fe.img", "größe.img"}}) {
        Publisher publisher;
        publisher.mode = Mode::Checksum;
        publisher.image_url = "https://example.org/" + row.in_url;
        publisher.files["SHA256SUMS"] = kSha256 + "  " + row.decoded + "\n";
        INFO(row.in_url);
        CHECK(publisher.judge(right_digests()).word == VerdictWord::Verified);
        publisher.files["SHA256SUMS"] = kSha256 + "  " + row.decoded + "x\n";
        CHECK(publisher.judge(right_digests()).word == VerdictWord::NoEntry);
    }
}

TEST_CASE("checksum mode stops at the first document that has our file", "[verify][documents]") {
    Publisher publisher;
    publisher.mode = Mode::Checksum;
    publisher.files["a.img.sha256"] = kSha256 + "\n";
    publisher.files["SHA256SUMS"] = kWrong256 + "  a.img\n";
    CHECK(publisher.judge(right_digests()).word == VerdictWord::Verified);
    CHECK(publisher.requests == std::vector<std::string>{"a.img.sha256"});
}

TEST_CASE("checksum mode over plain http says once what it does not prove", "[verify][documents]") {
    Publisher publisher;
    publisher.mode = Mode::Checksum;
    publisher.image_url = "http://example.org/a.img";
    publisher.files["SHA256SUMS"] = right_sums();
    CHECK(publisher.judge(right_digests()).word == VerdictWord::Verified);
    CHECK(publisher.warnings ==
          std::vector<std::string>{"'SHA256SUMS' comes over plain http: it says nothing about who "
                                   "made the image"});
}

TEST_CASE("every known digest that a document gives is asked for", "[verify][documents]") {
    Publisher publisher;
    publisher.mode = Mode::Checksum;
    publisher.files["SHA256SUMS"] =
        right_sums() + kSha512 + "  a.img\nBLAKE2b (a.img) = " + kBlake2b + "\n";
    const verify::Judge judge = publisher.gathered();
    CHECK(judge.algorithms() ==
          std::vector{Algorithm::Sha512, Algorithm::Blake2b, Algorithm::Sha256});
    CHECK(judge.statement().algorithm == "sha512");
    CHECK(judge.statement().line == 2);
    CHECK(judge.statement().document == "https://example.org/images/SHA256SUMS");
}

TEST_CASE("with --verify=no nothing is fetched and nothing is claimed", "[verify][judge]") {
    Publisher publisher;
    publisher.mode = Mode::No;
    const Ending ending = publisher.judge({});
    CHECK(ending.word == VerdictWord::Unchecked);
    CHECK(ending.text == "not verified, as --verify=no asks");
    CHECK(publisher.requests.empty());
}

TEST_CASE("a digest on the command line decides alone", "[verify][judge]") {
    Publisher publisher;
    for (const auto algorithm : {Algorithm::Sha256, Algorithm::Sha384, Algorithm::Sha512}) {
        verify::Judge judge({.policy = verify::parse_policy(right_digests().at(algorithm)),
                             .image = std::nullopt,
                             .now = {}});
        judge.gather(publisher);
        CHECK(judge.algorithms() == std::vector{algorithm});
        CHECK(judge.judge(right_digests()).word() == VerdictWord::DigestGiven);
        CHECK(judge.statement().digest == right_digests().at(algorithm));
        CHECK_FALSE(judge.look_again(publisher));
        try {
            judge.judge(wrong_digests());
            FAIL("a wrong digest was accepted");
        } catch (const Error& error) {
            CHECK(error.verdict() == VerdictWord::DigestMismatch);
            CHECK_THAT(error.what(), contains("does not match; nothing was stored"));
        }
    }
    CHECK(publisher.requests.empty());
}

TEST_CASE("an import can be asked for nothing that would lie beside a URL", "[verify][judge]") {
    for (const Mode mode : {Mode::Checksum, Mode::Signature}) {
        verify::Policy policy;
        policy.mode = mode;
        CHECK_THROWS_WITH(verify::Judge({.policy = policy, .image = std::nullopt, .now = {}}),
                          contains("expected --verify=no or its digest"));
    }
}
