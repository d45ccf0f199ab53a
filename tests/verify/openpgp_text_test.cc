// The text forms of OpenPGP, undone without an engine.

#include <string>

#include "tests/catch.hh"
#include "verify/openpgp_text.hh"

using namespace slipway::verify;

namespace {

const std::string kBegin = "-----BEGIN PGP SIGNED MESSAGE-----\n";
const std::string kEnd = "-----BEGIN PGP SIGNATURE-----\n\nAAAA\n-----END PGP SIGNATURE-----\n";

// "123456789" has the CRC24 0x21CF02 (the check value of the CRC catalogue).
const std::string kNine = "-----BEGIN PGP SIGNATURE-----\nVersion: x\n\nMTIzNDU2Nzg5\n=Ic8C\n"
                          "-----END PGP SIGNATURE-----\n";

std::string problem_of(const std::string& text) {
    return dearmor(text, "PGP SIGNATURE").problem;
}

} // namespace

TEST_CASE("a clearsigned text is unwrapped", "[verify][openpgp-text]") {
    const std::string text = "before\n" + kBegin + "Hash: SHA512\n\nfirst \t\n- -second\n-\n" +
                             "- \nlast\n" + kEnd + "after\n";
    CHECK(is_clearsigned(text));
    CHECK(unwrap_clearsigned(text).content == "first\n-second\n\n\nlast\n");
    CHECK(unwrap_clearsigned(text).problem.empty());
    CHECK(clearsigned_block(text) ==
          kBegin + "Hash: SHA512\n\nfirst \t\n- -second\n-\n- \nlast\n" + kEnd);
}

TEST_CASE("only a whole line opens a clearsigned text", "[verify][openpgp-text]") {
    CHECK_FALSE(is_clearsigned("x" + kBegin));
    CHECK_FALSE(is_clearsigned("-----BEGIN PGP SIGNED MESSAGE"));
    CHECK(is_clearsigned("-----BEGIN PGP SIGNED MESSAGE-----\r\n"));
}

TEST_CASE("of two clearsigned blocks only the first is seen", "[verify][openpgp-text]") {
    const std::string first = kBegin + "\none\n" + kEnd;
    CHECK(clearsigned_block(first + kBegin + "\ntwo\n" + kEnd) == first);
    CHECK(unwrap_clearsigned(first + kBegin + "\ntwo\n" + kEnd).content == "one\n");
}

TEST_CASE("a clearsigned text that is not well-formed says why", "[verify][openpgp-text]") {
    CHECK(unwrap_clearsigned(kBegin + "\none\n").problem ==
          "has a clearsigned block without an end");
    CHECK(unwrap_clearsigned(kBegin + "Comment: x\n\none\n" + kEnd).problem ==
          "has a clearsigned block with another header than 'Hash:'");
    const std::string nested = kBegin + "\none\n" + kBegin + "\ntwo\n" + kEnd;
    CHECK(unwrap_clearsigned(nested).problem ==
          "has a clearsigned block with a line that is not dash-escaped");
    CHECK_FALSE(clearsigned_block(nested));
    CHECK_FALSE(clearsigned_block(kBegin + "\none\n"));
    CHECK_FALSE(clearsigned_block(kBegin + "\none\n-----BEGIN PGP SIGNATURE-----\n"));
}

TEST_CASE("armor is undone, one block or several", "[verify][openpgp-text]") {
    CHECK(is_armored("text\n" + kNine));
    CHECK_FALSE(is_armored("MTIz"));
    CHECK(dearmor(kNine, "PGP SIGNATURE").content == "123456789");
    CHECK(dearmor("between\n" + kNine + "and\n" + kNine, "PGP SIGNATURE").content ==
          "123456789123456789");
    const std::string crlf = "-----BEGIN PGP SIGNATURE-----\r\n\r\nMTIz\r\n"
                             "-----END PGP SIGNATURE-----\r\n";
    CHECK(dearmor(crlf, "PGP SIGNATURE").content == "123");
    CHECK(dearmor("-----BEGIN PGP SIGNATURE-----\n\nMTI\nzNA==\n-----END PGP SIGNATURE-----",
                  "PGP SIGNATURE")
              .content == "1234");
}

TEST_CASE("armor that does not hold says why", "[verify][openpgp-text]") {
    const std::string begin = "-----BEGIN PGP SIGNATURE-----\n";
    const std::string end = "-----END PGP SIGNATURE-----\n";
    CHECK(problem_of("nothing") == "there is no armored PGP SIGNATURE in it");
    CHECK(dearmor(kNine, "PGP PUBLIC KEY BLOCK").problem ==
          "there is no armored PGP PUBLIC KEY BLOCK in it");
    CHECK(problem_of(begin + "\n" + end) == "there is no armored PGP SIGNATURE in it");
    CHECK(problem_of(begin + "\nMTIzNDU2Nzg5\n=Ic8D\n" + end) == "the armor's checksum is wrong");
    CHECK(problem_of(begin + "\nMTIzNDU2Nzg5\n=Ic8\n" + end) == "the armor's checksum is wrong");
    CHECK(problem_of(begin + "\nMTIzNDU2Nzg5\n") == "the armor has no end");
    CHECK(problem_of(begin + "\nMTIzND\n" + end) == "the armor is cut");
    CHECK(problem_of(begin + "\nMT!z\n" + end) == "the armor holds something else than base64");
    CHECK(problem_of(begin + "\nMTI=zzzz\n" + end) == "the armor holds something else than base64");
    CHECK(problem_of(begin + "MTIz\n" + end) == "the armor has no empty line behind its headers");
    CHECK(problem_of(kNine + begin) == "the armor has no empty line behind its headers");
}
