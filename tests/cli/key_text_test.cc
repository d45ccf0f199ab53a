// Keys as a table, as JSON, and as a card.

#include <string>

#include "cli/key_text.hh"
#include "tests/catch.hh"

using namespace slipway;
using namespace slipway::cli;

namespace {

verify::ListedKey key(char digit, const std::string& file) {
    return {.kind = "OpenPGP",
            .fingerprint = std::string(40, digit),
            .owners = {"Publisher <p@example.org>", "Second <s@example.org>"},
            .algorithm = "RSA 4096",
            .files = {file},
            .created = 1'600'000'000};
}

verify::KeyBinding binding(char digit, const std::string& file, std::vector<std::string> prefixes) {
    verify::KeyBinding made;
    made.name = "own";
    made.conf = "/keys/own.conf";
    made.file = file;
    made.fingerprints = {std::string(40, digit)};
    made.prefixes = std::move(prefixes);
    return made;
}

} // namespace

TEST_CASE("a key counts everywhere, at its places, or nowhere", "[cli][keys]") {
    verify::KeyStore store;
    store.files = {"/keys/own.asc", "/keys/free.asc"};
    CHECK(reach_of(key('A', "/keys/own.asc"), store).everywhere);
    store.bindings = {binding('A', "/keys/own.asc", {"https://b", "https://a/o"})};
    CHECK_FALSE(reach_of(key('A', "/keys/own.asc"), store).everywhere);
    CHECK(reach_of(key('A', "/keys/free.asc"), store).places ==
          std::vector<std::string>{"https://a/o/", "https://b/"});
    CHECK(reach_of(key('B', "/keys/free.asc"), store).everywhere);
    const KeyReach unnamed = reach_of(key('B', "/keys/own.asc"), store);
    CHECK_FALSE(unnamed.everywhere);
    CHECK(unnamed.places.empty());
    store.bindings.front().problem = "wrong";
    CHECK(reach_of(key('A', "/keys/own.asc"), store).places.empty());
}

TEST_CASE("a list of keys has a head, a foot, and a row for each", "[cli][keys]") {
    verify::KeyStore store;
    store.bindings = {binding('B', "/keys/b.asc", {"https://host/o"})};
    verify::KeyList list{.keys = {key('A', "/keys/a.asc"), key('B', "/keys/b.asc")},
                         .warnings = {}};
    list.keys[0].expires = 1'790'000'000;
    list.keys[1].revoked = true;
    const std::string a(40, 'A');
    const std::string b(40, 'B');
    CHECK(key_list(list, store, true, false) ==
          "FINGERPRINT                              OWNER                     EXPIRES    "
          "PINNED-TO       FILE\n" +
              a + " Publisher <p@example.org> 2026-09-21 -               /keys/a.asc\n" + b +
              " Publisher <p@example.org> revoked    https://host/o/ /keys/b.asc\n"
              "\n2 keys listed.\n");
    CHECK(key_list({}, store, true, false) == "No keys.\n");
    CHECK(key_list({}, store, false, false).empty());
}

TEST_CASE("a list of keys as JSON", "[cli][keys]") {
    verify::KeyStore store;
    store.bindings = {binding('B', "/keys/b.asc", {"https://host/o"})};
    const std::string a(40, 'A');
    CHECK(key_list_json({.keys = {key('A', "/keys/a.asc")}, .warnings = {}}, store, false) ==
          R"([{"fingerprint":")" + a +
              R"(","kind":"OpenPGP","owners":["Publisher <p@example.org>","Second )"
              R"(<s@example.org>"],"algorithm":"RSA 4096","created":1600000000000000,)"
              R"("expires":null,"signs_until":null,"revoked":false,"weak":false,)"
              R"("pinned_to":null,"files":["/keys/a.asc"]}])"
              "\n");
    CHECK_THAT(key_list_json({.keys = {key('B', "/keys/b.asc")}, .warnings = {}}, store, false),
               contains(R"("pinned_to":["https://host/o/"])"));
}

TEST_CASE("a card shows what is to be compared", "[cli][keys]") {
    verify::ListedKey shown = key('A', "x");
    shown.signs_until = 1'790'000'000;
    shown.weak = true;
    CHECK(key_card(shown) == "Fingerprint: " + shown.fingerprint +
                                 "\n      Owner: Publisher <p@example.org>\n"
                                 "      Owner: Second <s@example.org>\n"
                                 "       Kind: OpenPGP, RSA 4096, which is weak\n"
                                 "    Created: 2020-09-13\n"
                                 "    Expires: never\n"
                                 "Signs until: 2026-09-21\n");
}
