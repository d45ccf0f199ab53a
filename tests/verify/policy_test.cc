// --verify.

#include <string>

#include "base/error.hh"
#include "tests/catch.hh"
#include "verify/policy.hh"

using namespace slipway;
using namespace slipway::verify;

TEST_CASE("--verify takes the modes by their words", "[verify][policy]") {
    for (const Mode mode : {Mode::No, Mode::Checksum, Mode::Signature}) {
        CHECK(parse_policy(word(mode)).mode == mode);
    }
    CHECK(Policy{}.mode == Mode::Signature);
}

TEST_CASE("--verify takes a digest in either case, its algorithm by its length",
          "[verify][policy]") {
    const Policy policy = parse_policy(std::string(64, 'A'));
    CHECK(policy.mode == Mode::Digest);
    CHECK(policy.algorithm == stream::Algorithm::Sha256);
    CHECK(policy.digest == std::string(64, 'a'));
    CHECK(parse_policy(std::string(96, '0')).algorithm == stream::Algorithm::Sha384);
    CHECK(parse_policy(std::string(128, '0')).algorithm == stream::Algorithm::Sha512);
}

TEST_CASE("D19: a digest of another length or alphabet is refused with what was expected",
          "[verify][policy]") {
    for (const std::string& bad :
         {std::string(63, 'a'), std::string(65, 'a'), std::string(32, 'a'), std::string(64, 'g'),
          " " + std::string(63, 'a'), std::string("sha256"), std::string(), std::string("digest"),
          std::string("Signature")}) {
        CHECK_THROWS_WITH(parse_policy(bad),
                          contains("expected no, checksum, signature, or a digest of 64"));
    }
    CHECK_THROWS_WITH(parse_policy(std::string(63, 'a')), contains("(these are 63 characters)"));
}
