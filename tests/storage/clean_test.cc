// What a cleaning takes, and what it spares.

#include <fmt/format.h>
#include <unistd.h>

#include "storage/clean.hh"
#include "storage/lock.hh"
#include "tests/catch.hh"
#include "tests/storage/fixture.hh"

using namespace slipway;
using namespace slipway::storage;
using namespace slipway::tests;
namespace fs = std::filesystem;

namespace {

std::string names(const Cleanable& found) {
    std::string text;
    for (const Located& located : found.images) {
        text += located.image.name.text() + "\n";
    }
    for (const Leftover& leftover : found.leftovers) {
        text += leftover.path.filename().string() + "\n";
    }
    return text;
}

std::string names(const TempPool& pool, CleanScope scope) {
    return names(find_cleanable({pool.path()}, ImageClass::Machine, scope));
}

} // namespace

TEST_CASE("hidden images and leftovers go; with all, every image", "[storage][clean]") {
    const TempPool pool;
    for (const char* name : {"web", ".old", ".#slipway-00000000000000aa", ".#foreign"}) {
        fs::create_directory(pool / name);
    }
    write_file(pool / "disk.raw", "");
    write_file(pool / ".old2.raw", "");
    fs::create_directories(pool / "lib.v/lib_1");
    CHECK(names(pool, CleanScope::Hidden) == ".old\n.old2\n.#slipway-00000000000000aa\n");
    CHECK(names(pool, CleanScope::All) == ".old\n.old2\ndisk\nweb\n.#slipway-00000000000000aa\n");
}

TEST_CASE("what is in use is spared, and by whom is said", "[storage][clean]") {
    const TempPool pool;
    fs::create_directory(pool / "web");
    fs::create_directory(pool / "db");
    const Pool open = pool.open();
    const ImageLock lock(open, "web", LockMode::Exclusive);
    const Cleanable found = find_cleanable({pool.path()}, ImageClass::Machine, CleanScope::All);
    CHECK(names(found) == "db\n");
    REQUIRE(found.spared.size() == 1);
    CHECK(found.spared[0].name == "web");
    CHECK(found.spared[0].reason.find(fmt::format("(PID {}", ::getpid())) != std::string::npos);
}

TEST_CASE("layers go after the last mstack that stands on them", "[storage][clean]") {
    const TempPool pool;
    for (const char* layer : {".oci-a", ".oci-b", ".oci-c"}) {
        fs::create_directory(pool / layer);
    }
    fs::create_directory(pool / "web.mstack");
    fs::create_symlink("../.oci-a", pool / "web.mstack/layer@1");
    fs::create_symlink(pool / ".oci-b/", pool / "web.mstack/layer@2");
    fs::create_directory(pool / "web.mstack/rw");
    const Cleanable hidden = find_cleanable({pool.path()}, ImageClass::Machine, CleanScope::Hidden);
    CHECK(names(hidden) == ".oci-c\n");
    REQUIRE(hidden.spared.size() == 2);
    CHECK(hidden.spared[0].name == ".oci-a");
    CHECK(hidden.spared[0].reason == "an mstack stands on it");
    CHECK(is_layer_in_use(pool.path(), ".oci-b"));
    CHECK_FALSE(is_layer_in_use(pool.path(), ".oci-c"));
    CHECK(names(pool, CleanScope::All) == "web.mstack\n.oci-a\n.oci-b\n.oci-c\n");
}

TEST_CASE("vendor images are not cleaned", "[storage][clean]") {
    const Cleanable found =
        find_cleanable({"/usr/lib/machines", "/usr"}, ImageClass::Machine, CleanScope::All);
    CHECK(names(found).empty());
}
