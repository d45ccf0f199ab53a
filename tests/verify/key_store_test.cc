// From files to the rules of one place.

#include <filesystem>
#include <string>

#include "tests/catch.hh"
#include "tests/support/programs.hh"
#include "verify/key_store.hh"

using namespace slipway;
using namespace slipway::verify;
using slipway::tests::TempDir;
using slipway::tests::write_file;
namespace fs = std::filesystem;

namespace {

const std::string kUbuntu(40, 'A');
const std::string kOwn(40, 'B');
const std::string kStranger(40, 'C');
const std::string kVoid(16, 'D');

class Store {
public:
    Store() {
        fs::create_directories(etc);
        fs::create_directories(vendor);
    }

    void bind(const std::string& name, const std::string& rest, const fs::path& where = {}) const {
        write_file((where.empty() ? etc : where) / (name + ".conf"), "[Key]\n" + rest);
    }
    KeyStore load() const { return load_key_store(root_.path()); }

    // The objection against a good signature by a key that `files` of /etc hold.
    std::string objection(const std::string& url, const std::string& primary,
                          const std::vector<std::string>& files) const {
        Signature signature;
        signature.primary = primary;
        for (const std::string& file : files) {
            signature.rings.push_back(etc / file);
        }
        return load().scope(Url::parse(url)).objection(signature);
    }

private:
    TempDir root_;

public:
    fs::path etc = root_ / "etc/slipway/keys.d";
    fs::path vendor = root_ / "usr/lib/slipway/keys.d";
    fs::path ring = root_ / "etc/systemd/import-pubring.gpg";
};

std::string pin(const std::string& fingerprint, const std::string& prefix) {
    return "Fingerprint=" + fingerprint + "\nMatch=" + prefix + "\n";
}

} // namespace

TEST_CASE("a key without a drop-in counts everywhere", "[verify][keys]") {
    const Store store;
    write_file(store.etc / "own.asc", "key");
    const KeyStore loaded = store.load();
    CHECK(loaded.bindings.empty());
    CHECK(loaded.warnings.empty());
    CHECK(loaded.files.front() == store.etc / "own.asc");
    CHECK(loaded.files.size() == 5); // and the peers' rings
    CHECK_FALSE(loaded.scope(Url::parse("https://host/a.img")).is_reserved());
    CHECK(store.objection("https://host/a.img", kOwn, {"own.asc"}).empty());
}

TEST_CASE("G11: a pinned key counts below its prefix and nowhere else, whoever holds it, too",
          "[verify][keys]") {
    const Store store;
    write_file(store.etc / "ubuntu.asc", "key");
    store.bind("ubuntu", pin(kUbuntu, "https://host/o/"));
    const std::vector<std::string> everywhere{"ubuntu.asc", "copy.gpg"};
    CHECK(store.objection("https://host/o/a.img", kUbuntu, everywhere).empty());
    for (const char* url : {"https://host/a.img", "https://host/os/a.img", "http://host/o/a.img",
                            "https://host.evil/o/a.img", "https://host@evil/o/a.img",
                            "https://host/o/%2e%2e/a.img", "https://host:444/o/a.img"}) {
        INFO(url);
        CHECK_THAT(store.objection(url, kUbuntu, everywhere),
                   contains("'ubuntu.conf' pins it to another place"));
    }
}

TEST_CASE("G11: a reserved place takes its key alone", "[verify][keys]") {
    const Store store;
    store.bind("ubuntu", pin(kUbuntu, "https://host/o/"));
    CHECK(store.load().scope(Url::parse("https://HOST/o/a.img")).is_reserved());
    CHECK(store.objection("https://host/o/a.img", kOwn, {"own.asc"}) ==
          "this place is reserved for another key by 'ubuntu.conf'");
    CHECK(store.objection("https://host/a.img", kOwn, {"own.asc"}).empty());
}

TEST_CASE("the longest prefix rules, and equal ones add up", "[verify][keys]") {
    const Store store;
    store.bind("all", pin(kUbuntu, "https://host/"));
    store.bind("part", pin(kOwn, "https://host/o"));
    store.bind("other", pin(kStranger, "https://host/o/") + "Stale=refuse\n");
    CHECK(store.objection("https://host/a.img", kUbuntu, {"all.asc"}).empty());
    CHECK_FALSE(store.objection("https://host/a.img", kOwn, {"part.asc"}).empty());
    CHECK_FALSE(store.objection("https://host/o/a.img", kUbuntu, {"all.asc"}).empty());
    CHECK(store.objection("https://host/o/a.img", kOwn, {"part.asc"}).empty());
    CHECK(store.objection("https://host/o/a.img", kStranger, {"other.asc"}).empty());
    const KeyStore loaded = store.load();
    CHECK_FALSE(loaded.scope(Url::parse("https://host/a.img")).rules().refuse_stale);
    CHECK(loaded.scope(Url::parse("https://host/o/a.img")).rules().refuse_stale);
    CHECK(loaded.scope(Url::parse("https://host/o/a.img")).rules().reserved_by ==
          std::vector<std::string>{"other.conf", "part.conf"});
}

TEST_CASE("of a pinned file only the keys that are named count", "[verify][keys]") {
    const Store store;
    write_file(store.etc / "ubuntu.asc", "keys");
    store.bind("ubuntu", pin(kUbuntu, "https://host/o/"));
    CHECK_THAT(store.objection("https://other/a.img", kOwn, {"ubuntu.asc"}),
               contains("'ubuntu.conf' does not name it"));
    CHECK(store.objection("https://other/a.img", kOwn, {"ubuntu.asc", "own.asc"}).empty());
    CHECK_THAT(store.objection("https://host/o/a.img", kOwn, {"ubuntu.asc"}),
               contains("reserved for another key"));
}

TEST_CASE("a minisign key counts out of the drop-in's own file: its number proves nothing",
          "[verify][keys]") {
    const Store store;
    store.bind("void", "File=void.pub\n" + pin(kVoid, "https://host/"));
    CHECK(store.objection("https://host/a.img", kVoid, {"void.pub"}).empty());
    CHECK_THAT(store.objection("https://host/a.img", kVoid, {"forged.pub"}),
               contains("reserved for another key"));
    CHECK_THAT(store.objection("https://other/a.img", kVoid, {"void.pub"}),
               contains("pins it to another place"));
}

TEST_CASE("a wrong drop-in closes: its keys count nowhere, its places for nobody",
          "[verify][keys]") {
    const Store store;
    for (const char* file : {"ubuntu.asc", "void.pub", "own.asc"}) {
        write_file(store.etc / file, "key");
    }
    store.bind("ubuntu", "Fingerprint=" + kUbuntu + "\nColour=red\nMatch=https://host/o/\n");
    const KeyStore loaded = store.load();
    REQUIRE(loaded.warnings.size() == 1);
    CHECK_THAT(loaded.warnings.front(), contains(store.etc.string() + "/ubuntu.conf:3: ") &&
                                            contains("expected one of") &&
                                            contains("its keys count nowhere"));
    CHECK_THAT(store.objection("https://host/o/a.img", kUbuntu, {"ubuntu.asc", "copy.asc"}),
               contains("whose drop-in 'ubuntu.conf' is wrong"));
    CHECK_THAT(store.objection("https://other/a.img", kUbuntu, {"copy.asc"}),
               contains("pins it to another place"));
    CHECK_THAT(store.objection("https://other/a.img", kStranger, {"ubuntu.asc"}),
               contains("is wrong"));
    CHECK_THAT(store.objection("https://host/o/a.img", kOwn, {"own.asc"}),
               contains("reserved for another key by 'ubuntu.conf'"));
    CHECK(store.objection("https://other/a.img", kOwn, {"own.asc"}).empty());
}

TEST_CASE("a file is closed under the name that reports give it, whatever that holds",
          "[verify][keys]") {
    const Store store;
    write_file(store.etc / "o\x1b[31m\xff.asc", "key");
    store.bind("own", "File=o\x1b[31m.asc\nColour=red\n" + pin(kOwn, "https://host/"));
    fs::rename(store.etc / "own.conf", store.etc / "o\x1b[31m\xff.conf");
    CHECK_THAT(store.objection("https://other/a.img", kStranger, {"o\\x1b[31m\\\\xff.asc"}),
               contains("is wrong"));
}

TEST_CASE("a drop-in that cannot be read closes every file of its name", "[verify][keys]") {
    const Store store;
    write_file(store.etc / "void.pub", "key");
    SECTION("a directory") {
        fs::create_directory(store.etc / "void.conf");
    }
    SECTION("a link to nothing") {
        fs::create_symlink("nowhere", store.etc / "void.conf");
    }
    REQUIRE(store.load().warnings.size() == 1);
    CHECK_THAT(store.objection("https://other/a.img", kVoid, {"void.pub"}), contains("is wrong"));
}

TEST_CASE("a drop-in and its file are found by name in any of the places", "[verify][keys]") {
    const Store store;
    write_file(store.vendor / "ubuntu.asc", "key");
    store.bind("ubuntu", pin(kUbuntu, "https://host/"));
    CHECK(store.load().bindings.at(0).file == store.vendor / "ubuntu.asc");
    write_file(store.etc / "ubuntu.asc", "newer");
    CHECK(store.load().bindings.at(0).file == store.etc / "ubuntu.asc");
    SECTION("a masked drop-in binds nothing") {
        store.bind("own", pin(kOwn, "https://own/"), store.vendor);
        CHECK(store.load().bindings.size() == 2);
        write_file(store.etc / "own.conf", "");
        CHECK(store.load().bindings.size() == 1);
        CHECK(store.load().warnings.empty());
    }
    SECTION("never among the peers' rings") {
        store.bind("ring", "File=import-pubring.gpg\n" + pin(kOwn, "https://own/"));
        CHECK(store.load().bindings.at(0).file == store.etc / "import-pubring.gpg");
    }
}

TEST_CASE("where a directory of keys cannot be read no key counts", "[verify][keys]") {
    KeyStore store = key_store_of({"/keys/own.asc"});
    CHECK_FALSE(store.scope(Url::parse("https://host/a.img")).is_reserved());
    store.unreadable.emplace_back("/etc/slipway/keys.d");
    const KeyScope scope = store.scope(Url::parse("https://host/a.img"));
    Signature signature;
    signature.primary = kOwn;
    signature.rings = {"/keys/own.asc"};
    CHECK(scope.is_reserved());
    CHECK_FALSE(scope.objection(signature).empty());
}
