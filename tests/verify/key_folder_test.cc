// Changes to the administrator's directory of keys.

#include <filesystem>
#include <string>

#include <sys/stat.h>

#include "base/error.hh"
#include "tests/catch.hh"
#include "tests/support/programs.hh"
#include "verify/key_folder.hh"
#include "verify/key_places.hh"

using namespace slipway;
using namespace slipway::verify;
using namespace slipway::tests;
namespace fs = std::filesystem;

namespace {

unsigned mode_of(const fs::path& path) {
    struct stat status {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    return status.st_mode & 07777U;
}

std::size_t entries_of(const fs::path& directory) {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(directory), {}));
}

} // namespace

TEST_CASE("a directory that is missing is made, readable for all whatever the umask",
          "[verify][keys]") {
    const TempDir root;
    const mode_t before = ::umask(077);
    KeyFolder folder(root.path());
    folder.write("own.asc", "a key");
    ::umask(before);
    const fs::path keys = root / "etc/slipway/keys.d";
    CHECK(mode_of(keys) == 0755);
    CHECK(mode_of(keys.parent_path()) == 0755);
    CHECK(mode_of(keys / "own.asc") == 0644);
    CHECK(read_file(keys / "own.asc") == "a key");
    CHECK(entries_of(keys) == 1);
}

TEST_CASE("files are replaced, removed and masked, and nothing is left beside them",
          "[verify][keys]") {
    const TempDir root;
    const fs::path keys = root / "etc/slipway/keys.d";
    KeyFolder folder(root.path());
    folder.write("own.asc", "old");
    write_file(keys / ".own.asc.new", "of a run that was cut off");
    folder.write("own.asc", "new");
    CHECK(read_file(keys / "own.asc") == "new");
    folder.mask("own.asc");
    CHECK(is_mask(keys / "own.asc"));
    CHECK(fs::read_symlink(keys / "own.asc") == "/dev/null");
    CHECK(entries_of(keys) == 1);
    folder.remove("own.asc");
    CHECK(entries_of(keys) == 0);
    CHECK_THROWS_WITH(folder.remove("own.asc"), contains("keys.d/own.asc"));
}

TEST_CASE("a link in the way does not lead out of the root, and is not written through",
          "[verify][keys]") {
    const TempDir root;
    const TempDir outside;
    SECTION("a directory") {
        fs::create_symlink(outside.path(), root / "etc");
        CHECK_THROWS_AS(KeyFolder(root.path()), Error);
    }
    SECTION("a file") {
        KeyFolder folder(root.path());
        write_file(outside / "file", "theirs");
        fs::create_symlink(outside / "file", root / "etc/slipway/keys.d/own.asc");
        folder.write("own.asc", "a key");
        CHECK(read_file(outside / "file") == "theirs");
        CHECK_FALSE(fs::is_symlink(root / "etc/slipway/keys.d/own.asc"));
    }
    CHECK(entries_of(outside.path()) <= 1);
    CHECK_FALSE(fs::exists(outside / "slipway"));
}
