// An extension may have the suffix of its class in its file's name: "gdb" is "gdb.sysext.raw".

#include "storage/catalog.hh"
#include "storage/mark.hh"
#include "storage/rename.hh"
#include "storage/sibling.hh"
#include "tests/catch.hh"
#include "tests/storage/disk_fixture.hh"

using namespace slipway;
using namespace slipway::storage;
using namespace slipway::tests;

namespace {

const ImageName kGdb = ImageName::parse("gdb");

Pool open_extensions(const TempPool& pool) {
    return Pool::open(pool.path(), ImageClass::Sysext);
}

} // namespace

TEST_CASE("an extension keeps the suffix of its class, and so do its siblings",
          "[storage][rename]") {
    const TempPool pool;
    const Pool open = open_extensions(pool);
    write_file(pool / "gdb.sysext.raw", "bytes");
    write_file(pool / "gdb.sysext.roothash", "hash");
    write_file(pool / "gdb.roothash", "of no image");
    const ImageName strace = ImageName::parse("strace");
    REQUIRE(rename_image(open, kGdb, strace, {}).path == pool / "strace.sysext.raw");
    REQUIRE(contents_of(pool.path()) == "gdb.roothash: of no image\n"
                                        "strace.sysext.raw: bytes\n"
                                        "strace.sysext.roothash: hash");
    REQUIRE(mark_image(open, strace, ReadOnly::Yes));
    REQUIRE(find_image(open, strace)->read_only);
    remove_image(open, strace);
    REQUIRE(contents_of(pool.path()) == "gdb.roothash: of no image");
}

TEST_CASE("an extension with a suffix is found to be there, and replaced", "[storage][replace]") {
    const TempPool pool;
    const Pool open = open_extensions(pool);
    store_with(open, disk("gdb.sysext"), "old");
    REQUIRE(pool.entries() == std::set<std::string>{"gdb.sysext.raw"});
    REQUIRE_THROWS_MATCHES(
        store_with(open, disk("gdb"), "new"), Error,
        failure(Kind::Exists, "image 'gdb' exists (raw '" + (pool / "gdb.sysext.raw").string() +
                                  "'); nothing was changed. Use --force to replace it, or give "
                                  "another name"));
    REQUIRE(contents_of(pool.path()) == "gdb.sysext.raw: old");
    store_with(open, disk("gdb", Replace::Yes), "new");
    REQUIRE(contents_of(pool.path()) == "gdb.raw: new");
}

TEST_CASE("in a pool of machines the suffix is a part of the name", "[storage][rename]") {
    const TempPool pool;
    const Pool open = pool.open();
    write_file(pool / "gdb.sysext.raw", "bytes");
    REQUIRE_FALSE(find_image(open, kGdb));
    rename_image(open, ImageName::parse("gdb.sysext"), kGdb, {});
    REQUIRE(contents_of(pool.path()) == "gdb.raw: bytes");
}

TEST_CASE("siblings are found beside an image's file and called after that", "[storage]") {
    const TempPool pool;
    std::filesystem::create_directory(pool / "web.raw.v");
    write_file(pool / "web.raw.v/web_2.raw", "bytes");
    write_file(pool / "web.raw.v/web_2.roothash", "hash");
    write_file(pool / "gdb.sysext.raw", "bytes");
    write_file(pool / "gdb.sysext.verity", "tree");
    write_file(pool / "gdb.verity", "of no image");
    const auto names = [](const Image& image) {
        std::vector<std::string> found;
        for (const NamedFile& file : find_siblings(image)) {
            found.push_back(file.name);
        }
        return found;
    };
    const auto version = find_newest_version(pool.open(), ImageName::parse("web"));
    REQUIRE(version);
    CHECK(names(*version) == std::vector<std::string>{"web_2.roothash"});
    const auto extension = find_image(open_extensions(pool), kGdb);
    REQUIRE(extension);
    CHECK(names(*extension) == std::vector<std::string>{"gdb.sysext.verity"});
    CHECK(names(host_image()).empty());
}
