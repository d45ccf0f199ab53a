// Signatures of every kind through Judge, the real slipway-check and the real gpg.

#include <string>

#include "tests/catch.hh"
#include "tests/verify/publisher.hh"

using namespace slipway;
using namespace slipway::tests;

TEST_CASE("a signed document vouches for the image", "[verify][signature]") {
    Keyring keyring;
    const std::string key = keyring.make_key();
    Publisher publisher;
    publisher.rings = {keyring.export_binary()};
    publisher.files["SHA256SUMS"] = right_sums();
    publisher.files["SHA256SUMS.gpg"] = keyring.sign_detached(right_sums(), {.keys = {key}});
    const Ending ending = publisher.judge(right_digests());
    CHECK(ending.text ==
          "verified: SHA-256, signed by " + key + " (Test Publisher <publisher@example.org>)");
    CHECK(ending.word == VerdictWord::Verified);
    CHECK(publisher.warnings.empty());
}
