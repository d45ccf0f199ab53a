// slipway keys remove, list and check, over files as administrators and packages leave them.

#include <string>

#include "tests/catch.hh"
#include "tests/cli/key_house.hh"
#include "tests/cli/terminal.hh"

using namespace slipway::tests;
namespace fs = std::filesystem;

namespace {

void add(const KeyHouse& house, const std::string& name, const std::string& content,
         const std::string& match = "https://host/") {
    const RunResult added = house.keys({"add", "-", name, "--yes", "--match=" + match}, content);
    INFO(added.err);
    REQUIRE(added.status == 0);
}

bool has_no_entry(const fs::path& directory) {
    return fs::directory_iterator(directory) == fs::directory_iterator();
}

} // namespace

TEST_CASE("a key goes with its drop-in, by name or by fingerprint", "[cli][keys]") {
    const KeyHouse house;
    const TestKey& key = test_key();
    const std::string named = GENERATE("own", "own.asc", "own.conf", "");
    const std::string operand = named.empty() ? key.fingerprint : named;
    add(house, "own", key.armored);
    const RunResult removed = house.keys({"remove", operand, "--yes"});
    INFO(removed.err);
    CHECK(removed.status == 0);
    CHECK_THAT(removed.err,
               contains("Fingerprint: " + key.fingerprint) && contains("To be removed: '"));
    CHECK_THAT(removed.out, contains("own.asc'.\nRemoved '") && contains("own.conf'.\n"));
    CHECK(has_no_entry(house.own_keys));
}

TEST_CASE("nothing is removed without a yes", "[cli][keys][terminal]") {
    const KeyHouse house;
    add(house, "own", test_key().armored);
    const RunResult unasked = house.keys({"remove", "own"});
    CHECK(unasked.status == 2);
    CHECK_THAT(unasked.err, contains("no terminal to ask on; nothing was changed. Say --yes"));
    Terminal no(house.command({"remove", "own"}), 200);
    no.wait_until_printed("Go on? [y/N] ");
    no.type("n\n");
    CHECK(no.wait() == 1);
    CHECK(fs::exists(house.own_keys / "own.asc"));
    Terminal yes(house.command({"remove", "own"}), 200);
    yes.wait_until_printed("Go on? [y/N] ");
    yes.type("y\n");
    CHECK(yes.wait() == 0);
    CHECK(has_no_entry(house.own_keys));
}

TEST_CASE("a package's key is masked, also when ours hid it", "[cli][keys]") {
    const KeyHouse house;
    const TestKey& key = test_key();
    house.vendor("own.asc", key.armored);
    SECTION("it alone") {
        CHECK_THAT(house.keys({"remove", key.fingerprint, "--yes"}).out,
                   contains("Masked '" + (house.vendor_keys / "own.asc").string()));
    }
    SECTION("behind ours") {
        fs::create_directories(house.own_keys);
        write_file(house.own_keys / "own.asc", key.armored);
        CHECK_THAT(house.keys({"remove", "own", "--yes"}).out,
                   contains("Masked '" + (house.own_keys / "own.asc").string()));
    }
    CHECK(fs::read_symlink(house.own_keys / "own.asc") == "/dev/null");
    CHECK(read_file(house.vendor_keys / "own.asc") == key.armored);
    CHECK(house.keys({"list"}).out == "No keys.\n");
    CHECK(house.keys({"remove", "own", "--yes"}).status == 3);
}

TEST_CASE("the peers' rings are not written, and it is said when they still hold a key",
          "[cli][keys]") {
    const KeyHouse house;
    const TestKey& key = test_key();
    const fs::path ring = house.root / "etc/systemd/import-pubring.gpg";
    fs::create_directories(ring.parent_path());
    write_file(ring, key.armored);
    const RunResult refused = house.keys({"remove", key.fingerprint, "--yes"});
    CHECK(refused.status == 1);
    CHECK_THAT(refused.err, contains("import-pubring.gpg' belongs to systemd-importd"));
    add(house, "own", key.armored);
    const RunResult removed = house.keys({"remove", "own", "--yes"});
    CHECK(removed.status == 0);
    CHECK_THAT(removed.err, contains("import-pubring.gpg' still holds the key " + key.fingerprint));
    CHECK(read_file(ring) == key.armored);
}

TEST_CASE("what is not clear is refused, and nothing is changed", "[cli][keys]") {
    const KeyHouse house;
    const TestKey& key = test_key();
    Keyring other;
    const std::string second = other.make_key();
    CHECK(house.keys({"remove", "own", "--yes"}).status == 3);
    CHECK(house.keys({"remove", std::string(40, 'A'), "--yes"}).status == 3);
    add(house, "both", key.armored + other.export_armored());
    CHECK_THAT(house.keys({"remove", second, "--yes"}).err,
               contains("both.asc' holds " + key.fingerprint + ", too; nothing was changed"));
    add(house, "own", key.armored);
    CHECK_THAT(house.keys({"remove", key.fingerprint, "--yes"}).err,
               contains("hold the key; nothing was changed. Say which by its name"));
    CHECK(fs::exists(house.own_keys / "both.asc"));
}

TEST_CASE("G12: armored, binary, concatenated and keybox files are listed, a damaged one is told",
          "[cli][keys]") {
    const KeyHouse house;
    Keyring ring;
    const std::string first = ring.make_key();
    const std::string second = ring.make_key({.owner = "Second <s@example.org>"});
    house.vendor("a.asc", ring.export_armored({first}) + ring.export_armored({second}));
    house.vendor("b.gpg", ring.export_binary({first}) + ring.export_binary({second}));
    house.vendor("c.pgp", ring.export_keybox());
    house.vendor("d.gpg", ring.export_binary().substr(0, 100));
    fs::create_directories(house.root / "etc/systemd");
    write_file(house.root / "etc/systemd/import-pubring.gpg", "");
    const RunResult listed = house.keys({"list"});
    CHECK(listed.status == 0);
    CHECK_THAT(listed.out, contains("\n\n2 keys listed.\n") && contains(first) &&
                               contains("Second <s@example.org>") && contains("c.pgp"));
    CHECK_THAT(listed.err, contains("d.gpg'") && contains("warning: key ring '"));
    const RunResult checked = house.keys({"check"});
    CHECK(checked.status == 1);
    CHECK_THAT(checked.out, contains("d.gpg'"));
    CHECK_THAT(house.keys({"check", "--json=short"}).out, contains(R"("problem":"unreadable")"));
}

TEST_CASE("check tells of keys that expire, have expired or were revoked, and of wrong drop-ins",
          "[cli][keys]") {
    const KeyHouse house;
    Keyring ring;
    const std::string soon = ring.make_key({.expires = "12d"});
    const std::string late = ring.make_key({.expires = "60d"});
    const std::string past = ring.make_key({.created = "20200101T000000", .expires = "1d"});
    const std::string gone = ring.make_key();
    ring.revoke(gone);
    house.vendor("all.gpg", ring.export_binary());
    house.vendor("all.conf", "[Key]\nFile=all.gpg\nColour=red\nMatch=https://host/\n");
    const RunResult checked = house.keys({"check"});
    CHECK(checked.status == 1);
    CHECK_THAT(checked.out, contains("key " + soon) && contains("expires on ") &&
                                contains("key " + past) && contains("expired on 2020-01-02") &&
                                contains("key " + gone) && contains("was revoked") &&
                                contains("all.conf:3: ") && !contains("key " + late));
    CHECK(checked.err.empty());
    CHECK_THAT(house.keys({"list", "--no-legend"}).out, contains(" nowhere "));
}
