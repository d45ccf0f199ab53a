// What hides what.

#include <filesystem>

#include "tests/catch.hh"
#include "tests/support/programs.hh"
#include "verify/key_places.hh"

using namespace slipway::verify;
using slipway::tests::TempDir;
using slipway::tests::write_file;
namespace fs = std::filesystem;

namespace {

struct Places {
    TempDir root;
    fs::path etc = make("etc");
    fs::path run = make("run");
    fs::path vendor = make("usr/lib");

    fs::path make(const char* below) const {
        fs::path directory = root / below / "slipway/keys.d";
        fs::create_directories(directory);
        return directory;
    }
};

} // namespace

TEST_CASE("keys come from three directories, then from the peers' rings", "[verify][keys]") {
    const Places at;
    write_file(at.vendor / "b.asc", "key");
    write_file(at.etc / "c.gpg", "key");
    write_file(at.vendor / "a.pgp", "key");
    write_file(at.run / "d.pub", "key");
    write_file(at.etc / "README", "no key");
    write_file(at.etc / "c.conf", "[Key]");
    const KeyPlaces found = find_key_places(at.root.path());
    CHECK(found.key_files == std::vector<fs::path>{at.vendor / "a.pgp", at.vendor / "b.asc",
                                                   at.etc / "c.gpg", at.run / "d.pub"});
    CHECK(found.drop_ins == std::vector<fs::path>{at.etc / "c.conf"});
    CHECK(found.peers_rings ==
          std::vector<fs::path>{at.root / "etc/systemd/import-pubring.pgp",
                                at.root / "etc/systemd/import-pubring.gpg",
                                at.root / "usr/lib/systemd/import-pubring.pgp",
                                at.root / "usr/lib/systemd/import-pubring.gpg"});
    CHECK(found.masks.empty());
    CHECK(found.unreadable.empty());
}

TEST_CASE("a same-named file in an earlier place hides or masks the later", "[verify][keys]") {
    const Places at;
    write_file(at.vendor / "hidden.asc", "old");
    write_file(at.run / "hidden.asc", "new");
    write_file(at.vendor / "empty.asc", "key");
    write_file(at.etc / "empty.asc", "");
    write_file(at.vendor / "null.conf", "[Key]");
    fs::create_symlink("/dev/null", at.run / "null.conf");
    const KeyPlaces found = find_key_places(at.root.path());
    CHECK(found.key_files == std::vector<fs::path>{at.run / "hidden.asc"});
    CHECK(found.drop_ins.empty());
    CHECK(found.masks == std::vector<fs::path>{at.etc / "empty.asc", at.run / "null.conf"});
}

TEST_CASE("directories that do not exist hold nothing, a file in their place neither",
          "[verify][keys]") {
    const TempDir root;
    fs::create_directories(root / "etc/slipway");
    write_file(root / "etc/slipway/keys.d", "a file");
    const KeyPlaces found = find_key_places(root.path());
    CHECK(found.key_files.empty());
    CHECK(found.unreadable.empty());
}
