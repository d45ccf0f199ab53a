// Rules and one signature.

#include <string>

#include "tests/catch.hh"
#include "verify/key_scope.hh"

using namespace slipway::verify;

namespace {

const std::string kKey(40, 'A');
const std::string kOther(40, 'B');

Signature by(const std::string& primary) {
    Signature signature;
    signature.status = SignatureStatus::ExpiredKey;
    signature.primary = primary;
    signature.rings = {"/keys/own.asc"};
    return signature;
}

} // namespace

TEST_CASE("without rules every key counts, but none after its expiry", "[verify][keys]") {
    const KeyScope scope;
    CHECK(scope.objection(by(kKey)).empty());
    CHECK_FALSE(scope.accepts_expired(by(kKey)));
    CHECK_FALSE(scope.is_reserved());
}

TEST_CASE("of a key that no file holds nothing is said", "[verify][keys]") {
    KeyScope::Rules rules;
    rules.reserved_by = {"ubuntu.conf"};
    rules.counted[kKey] = {};
    CHECK(KeyScope(rules).objection(by("")).empty());
}

TEST_CASE("signatures from before an expiry count where the drop-in of the place says so",
          "[verify][keys]") {
    KeyScope::Rules rules;
    rules.reserved_by = {"ubuntu.conf"};
    rules.counted[kKey] = {};
    rules.counted[kOther] = {};
    rules.accept_expired = {kKey};
    CHECK(KeyScope(rules).accepts_expired(by(kKey)));
    CHECK_FALSE(KeyScope(rules).accepts_expired(by(kOther)));
    SECTION("not when the key does not count at all") {
        rules.closed_files["/keys/own.asc"] = "own.conf";
        CHECK_FALSE(KeyScope(rules).accepts_expired(by(kKey)));
    }
}

TEST_CASE("G11: an objection names the drop-in behind it", "[verify][keys]") {
    KeyScope::Rules rules;
    rules.bound[kKey] = "ubuntu.conf";
    CHECK(KeyScope(rules).objection(by(kKey)) == "'ubuntu.conf' pins it to another place");
    CHECK(KeyScope(rules).objection(by(kOther)).empty());
    rules.reserved_by = {"own.conf", "part.conf"};
    CHECK(KeyScope(rules).objection(by(kOther)) ==
          "this place is reserved for another key by 'own.conf' and 'part.conf'");
    rules.closed_files["/keys/own.asc"] = "own.conf";
    CHECK(KeyScope(rules).objection(by(kOther)) ==
          "it lies in '/keys/own.asc', whose drop-in 'own.conf' is wrong");
}
