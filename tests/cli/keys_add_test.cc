// slipway keys add, with the real engine behind it.

#include <algorithm>
#include <string>

#include "tests/catch.hh"
#include "tests/cli/key_house.hh"
#include "tests/cli/terminal.hh"
#include "tests/support/minisigner.hh"

using namespace slipway::tests;
namespace fs = std::filesystem;

namespace {

// `text` as a terminal shows it.
std::string on_terminal(std::string text) {
    for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos; at += 2) {
        text.replace(at, 1, "\r\n");
    }
    return text;
}

} // namespace

TEST_CASE("a key is stored byte by byte once its fingerprint is the expected one", "[cli][keys]") {
    const KeyHouse house;
    const TestKey& key = test_key();
    std::string spelled = key.fingerprint;
    std::transform(spelled.begin(), spelled.end(), spelled.begin(), ::tolower);
    spelled.insert(20, "  ");
    const RunResult added =
        house.keys({"add", house.file("publisher.asc", key.armored), "--fingerprint=" + spelled});
    INFO(added.err);
    CHECK(added.status == 0);
    CHECK(added.out == "Added '" + (house.own_keys / "publisher.asc").string() + "'.\n");
    CHECK_THAT(added.err, contains("Fingerprint: " + key.fingerprint) &&
                              contains("Owner: Test Publisher <publisher@example.org>") &&
                              contains("Created: 20") && contains("Expires: never"));
    CHECK(read_file(house.own_keys / "publisher.asc") == key.armored);
    CHECK(fs::exists(house.own_keys / "publisher.asc"));
    CHECK_FALSE(fs::exists(house.own_keys / "publisher.conf"));
    const RunResult listed = house.keys({"list", "--no-legend"});
    CHECK_THAT(listed.out, Catch::Matchers::StartsWith(key.fingerprint));
    CHECK(listed.err.empty());
    CHECK(house.keys({"check"}).status == 0);
}

TEST_CASE("with --match= a drop-in pins the key, from standard input, too", "[cli][keys]") {
    const KeyHouse house;
    const TestKey& key = test_key();
    const RunResult added =
        house.keys({"add", "-", "own", "--yes", "--match=https://user:secret@Host:443/o",
                    "--match=http://mirror/"},
                   key.armored);
    INFO(added.err);
    CHECK(added.status == 0);
    CHECK(read_file(house.own_keys / "own.asc") == key.armored);
    CHECK(read_file(house.own_keys / "own.conf") ==
          "[Key]\nFile=own.asc\nFingerprint=" + key.fingerprint +
              "\nMatch=https://host/o/\nMatch=http://mirror/\n");
    CHECK_THAT(house.keys({"list", "--no-legend"}).out,
               contains(" http://mirror/, https://host/o/ "));
    CHECK(house.keys({"check"}).out.empty());
}

TEST_CASE("a minisign key becomes NAME.pub", "[cli][keys]") {
    const KeyHouse house;
    const Minisigner signer;
    const RunResult added =
        house.keys({"add", house.file("void", signer.public_key()), "--match=https://host/",
                    "--fingerprint=" + signer.number()});
    INFO(added.err);
    CHECK(added.status == 0);
    CHECK(read_file(house.own_keys / "void.pub") == signer.public_key());
    CHECK_THAT(read_file(house.own_keys / "void.conf"), contains("File=void.pub\n"));
    CHECK(house.keys({"check"}).out.empty());
}

TEST_CASE("nothing is added without a yes, an expected fingerprint or --yes", "[cli][keys]") {
    const KeyHouse house;
    const TestKey& key = test_key();
    const std::string file = house.file("own.asc", key.armored);
    const RunResult unasked = house.keys({"add", file});
    CHECK(unasked.status == 2);
    CHECK_THAT(unasked.err, contains("there is no terminal to ask on; nothing was changed") &&
                                contains("--fingerprint=, or --yes") && contains(key.fingerprint));
    const RunResult other = house.keys({"add", file, "--fingerprint=" + std::string(40, 'A')});
    CHECK(other.status == 11);
    CHECK_THAT(other.err, contains("holds the key " + key.fingerprint + ", and expected was AAAA"));
    const RunResult missing = house.keys({"add", file, "--fingerprint=" + key.fingerprint,
                                          "--fingerprint=" + std::string(40, 'A'), "--yes"});
    CHECK(missing.status == 11);
    CHECK_THAT(missing.err, contains("does not hold the key AAAA"));
    CHECK_FALSE(fs::exists(house.own_keys));
}

TEST_CASE("on a terminal it is asked, and only yes is a yes", "[cli][keys][terminal]") {
    const KeyHouse house;
    const TestKey& key = test_key();
    const auto command =
        house.command({"add", house.file("own.asc", key.armored), "--match=https://host/"});
    for (const std::string answer : {"n\n", "\n", "yesterday\n", "\x04"}) {
        Terminal terminal(command, 200);
        terminal.wait_until_printed("[y/N] ");
        CHECK_THAT(terminal.printed(), contains(on_terminal("Fingerprint: " + key.fingerprint)));
        terminal.type(answer);
        CHECK(terminal.wait() == 1);
        CHECK_THAT(terminal.printed(), contains("the key was not added; nothing was changed"));
    }
    CHECK_FALSE(fs::exists(house.own_keys));
    Terminal terminal(command, 200);
    terminal.wait_until_printed("own.asc'? [y/N] ");
    terminal.type("Yes\n");
    CHECK(terminal.wait() == 0);
    CHECK(fs::exists(house.own_keys / "own.asc"));
    CHECK(fs::exists(house.own_keys / "own.conf"));
}

TEST_CASE("what is no public key is refused with the reason", "[cli][keys]") {
    const KeyHouse house;
    TestKey& key = test_key();
    const auto refusal = [&house](const std::string& content) {
        const RunResult refused = house.keys({"add", house.file("own.asc", content), "--yes"});
        CHECK(refused.status == 2);
        CHECK_THAT(refused.err, contains("there is no key to add: ") && contains("own.asc'") &&
                                    contains("nothing was changed"));
        return refused.err;
    };
    CHECK_THAT(refusal(key.ring.export_secret()), contains("it holds a secret key"));
    CHECK_THAT(refusal(""), contains("it is empty"));
    refusal("<!DOCTYPE html>\n");
    refusal(key.armored.substr(0, key.armored.size() / 2));
    CHECK_FALSE(fs::exists(house.own_keys));
}

TEST_CASE("keys are never fetched", "[cli][keys]") {
    const KeyHouse house;
    for (const char* url : {"https://user:secret@host/key.asc", "http://host/key", "file:///k"}) {
        const RunResult refused = house.keys({"add", url, "own", "--yes"});
        CHECK(refused.status == 2);
        CHECK_THAT(refused.err, contains("keys are never fetched") && !contains("secret"));
    }
}

TEST_CASE("names that cannot be are refused", "[cli][keys]") {
    const KeyHouse house;
    const std::string file = house.file("own.asc", test_key().armored);
    for (const char* name : {"../own", ".own", "a/b", "a b", ".asc", "k\xc3\xa9y"}) {
        INFO(name);
        CHECK_THAT(house.keys({"add", file, name, "--yes"}).err,
                   contains("cannot be the name of a key file"));
    }
    CHECK_THAT(house.keys({"add", "-", "--yes"}, "").err, contains("keys add - NAME"));
    CHECK(house.keys({"add", file, "renamed.asc", "--yes"}).status == 0);
    CHECK(fs::exists(house.own_keys / "renamed.asc"));
}

TEST_CASE("a name that is taken or masked is left alone, unless --force says so", "[cli][keys]") {
    const KeyHouse house;
    const std::string file = house.file("own.asc", test_key().armored);
    SECTION("by a key of the administrator") {
        REQUIRE(house.keys({"add", file, "--yes", "--match=https://host/"}).status == 0);
        const RunResult again = house.keys({"add", file, "--yes"});
        CHECK(again.status == 4);
        CHECK_THAT(again.err, contains("own.asc' exists; nothing was changed"));
        // Its drop-in stays in force: a refreshed key counts where the old one did.
        CHECK(house.keys({"add", file, "--yes", "--force"}).status == 0);
        CHECK(fs::exists(house.own_keys / "own.conf"));
        Keyring other;
        other.make_key();
        const RunResult foreign =
            house.keys({"add", house.file("own.asc", other.export_armored()), "--yes", "--force"});
        CHECK(foreign.status == 2);
        CHECK_THAT(foreign.err, contains("own.conf' pins another key than"));
    }
    SECTION("by one of a package") {
        house.vendor("own.gpg", "theirs");
        CHECK(house.keys({"add", file, "--yes"}).status == 4);
        CHECK(house.keys({"add", file, "--yes", "--force"}).status == 0);
        CHECK(fs::exists(house.own_keys / "own.gpg")); // hides it
    }
    SECTION("by a mask") {
        fs::create_directories(house.own_keys);
        fs::create_symlink("/dev/null", house.own_keys / "own.asc");
        const RunResult masked = house.keys({"add", file, "--yes"});
        CHECK(masked.status == 4);
        CHECK_THAT(masked.err, contains("masks what has this name"));
    }
}
