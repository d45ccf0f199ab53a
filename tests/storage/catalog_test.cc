// Several directories, of which the first that has a name counts, and all that is no image.

#include <fcntl.h>
#include <fmt/format.h>

#include "storage/catalog.hh"
#include "storage/lock_file.hh"
#include "tests/catch.hh"
#include "tests/storage/fixture.hh"
#include "tests/storage/volume.hh"

using namespace slipway;
using namespace slipway::storage;
using namespace slipway::tests;
namespace fs = std::filesystem;

namespace {

using Search = std::vector<fs::path>;

std::string names(const Catalog& catalog, const fs::path& below) {
    std::string text;
    for (const Located& located : catalog.images) {
        text += fmt::format("{} {} {}\n", located.image.name.text(), word(located.image.type),
                            located.image.path.lexically_relative(below).string());
    }
    return text;
}

std::string names(const Search& search, ImageClass image_class, const fs::path& below,
                  Breadth breadth = Breadth::Visible) {
    return names(read_catalog(search, image_class, breadth), below);
}

void make_directories(const TempDir& place, const std::vector<std::string>& paths) {
    for (const std::string& path : paths) {
        fs::create_directories(place / path);
    }
}

} // namespace

TEST_CASE("the classes are searched where systemd searches them", "[storage][catalog]") {
    CHECK(search_path(ImageClass::Machine, main_pool(ImageClass::Machine)) ==
          Search{"/etc/machines", "/run/machines", "/var/lib/machines", "/var/lib/container",
                 "/usr/local/lib/machines", "/usr/lib/machines"});
    CHECK(search_path(ImageClass::Portable, main_pool(ImageClass::Portable)) ==
          Search{"/etc/portables", "/run/portables", "/var/lib/portables",
                 "/usr/local/lib/portables", "/usr/lib/portables"});
    CHECK(search_path(ImageClass::Sysext, main_pool(ImageClass::Sysext)) ==
          Search{"/etc/extensions", "/run/extensions", "/var/lib/extensions"});
    CHECK(search_path(ImageClass::Confext, "/pool") ==
          Search{"/run/confexts", "/pool", "/usr/local/lib/confexts", "/usr/lib/confexts"});
    CHECK(find_class("sysext") == ImageClass::Sysext);
    CHECK_FALSE(find_class("machines"));
}

TEST_CASE("the first directory that has a name hides it in the others", "[storage][catalog]") {
    const TempDir place;
    make_directories(place, {"a/web", "b/db", "b/web", "c/db"});
    write_file(place / "c/web.raw", "");
    const Search search{place / "a", place / "missing", place / "b", place / "c", place / "b"};
    CHECK(names(search, ImageClass::Machine, place.path()) == "db directory b/db\n"
                                                              "web directory a/web\n");
    const Catalog all = read_catalog(search, ImageClass::Machine, Breadth::Everything);
    REQUIRE(all.shadowed.size() == 3);
    CHECK(all.shadowed[0].image.path == place / "b/web");
    CHECK(all.shadowed[0].by == place / "a/web");
    CHECK(all.shadowed[1].image.path == place / "c/db");
    CHECK(all.shadowed[1].by == place / "b/db");
    CHECK(all.shadowed[2].image.path == place / "c/web.raw");
    const auto located = locate_image(search, ImageName::parse("web"));
    REQUIRE(located);
    CHECK(located->image.path == place / "a/web");
    CHECK(located->pool == place / "a");
    CHECK_FALSE(locate_image(search, ImageName::parse("mail")));
}

TEST_CASE("a directory that cannot be read ends a listing, one that is missing does not",
          "[storage][catalog]") {
    const TempDir place;
    write_file(place / "file", "");
    CHECK(read_catalog({place / "missing"}, ImageClass::Machine, Breadth::Visible).images.empty());
    REQUIRE_THROWS_MATCHES(read_catalog({place / "file"}, ImageClass::Machine, Breadth::Visible),
                           Error, failure_with(Kind::NotFound, "is not a directory"));
}

TEST_CASE("with everything, what is hidden, shadowed, dangling or left over is told",
          "[storage][catalog]") {
    const TempDir place;
    make_directories(place, {"pool/web", "pool/.hidden", "pool/.#tmp", "pool/.sysupdate.x"});
    write_file(place / "pool/web.raw", "");
    fs::create_symlink("gone", place / "pool/dangling");
    fs::create_directory(place / "pool/.#slipway-00000000000000aa");
    write_file(place / "pool/.#slipway-00000000000000aa.lck", "web\n");
    write_file(place / "pool/.#slipway-00000000000000bb.lck", "db\n");
    const Search search{place / "pool"};
    CHECK(names(search, ImageClass::Machine, place.path()) == "web directory pool/web\n");
    CHECK(names(search, ImageClass::Machine, place.path(), Breadth::Images) ==
          ".hidden directory pool/.hidden\nweb directory pool/web\n");
    {
        const Pool pool = Pool::open(place / "pool");
        const auto alive =
            LockFile::take(pool.fd(), ".#slipway-00000000000000bb.lck", LockMode::Exclusive);
        REQUIRE(alive);
        const Catalog all = read_catalog(search, ImageClass::Machine, Breadth::Everything);
        REQUIRE(all.shadowed.size() == 1);
        CHECK(all.shadowed[0].image.path == place / "pool/web.raw");
        CHECK(all.shadowed[0].by == place / "pool/web");
        CHECK(all.dangling == Search{place / "pool/dangling"});
        REQUIRE(all.leftovers.size() == 1);
        CHECK(all.leftovers[0].path == place / "pool/.#slipway-00000000000000aa");
        CHECK(all.leftovers[0].image == "web");
    }
    CHECK(fs::exists(place / "pool/.#slipway-00000000000000aa.lck")); // looking takes no lock
}

TEST_CASE("the suffix of a class is no part of the name, and counts first", "[storage][catalog]") {
    const TempDir place;
    make_directories(place, {"pool/gdb.sysext", "pool/gdb", "pool/vim"});
    write_file(place / "pool/strace.sysext.raw", "");
    write_file(place / "pool/other.confext.raw", "");
    const Search search{place / "pool"};
    CHECK(names(search, ImageClass::Sysext, place.path()) ==
          "gdb directory pool/gdb.sysext\n"
          "other.confext raw pool/other.confext.raw\n"
          "strace raw pool/strace.sysext.raw\n"
          "vim directory pool/vim\n");
    CHECK(locate_image(search, ImageName::parse("gdb"), ImageClass::Sysext)->image.path ==
          place / "pool/gdb.sysext");
    CHECK(locate_image(search, ImageName::parse("strace"), ImageClass::Sysext)->image.path ==
          place / "pool/strace.sysext.raw");
    CHECK_FALSE(locate_image(search, ImageName::parse("strace")));
    CHECK(locate_image(search, ImageName::parse("gdb.sysext"))->image.path ==
          place / "pool/gdb.sysext");
}

TEST_CASE("of a directory of versions the newest is the image", "[storage][catalog]") {
    const TempDir place;
    make_directories(place, {"pool/web.v/web_1", "pool/web.v/web_2", "pool/empty.v",
                             "pool/plain.v/plain_9", "pool/plain", "pool/tool.sysext.raw.v"});
    fs::create_directory(place / "pool/disk.raw.v");
    write_file(place / "pool/disk.raw.v/disk_1.9.raw", "x");
    write_file(place / "pool/disk.raw.v/disk_1.10.raw", "xx");
    fs::create_directory(place / "pool/disk.raw.v/disk_2.raw"); // no disk
    write_file(place / "pool/tool.sysext.raw.v/tool_3.sysext.raw", "");
    const Search search{place / "pool"};
    CHECK(names(search, ImageClass::Machine, place.path()) ==
          "disk raw pool/disk.raw.v/disk_1.10.raw\n"
          "plain directory pool/plain\n"
          "web directory pool/web.v/web_2\n");
    const auto web = locate_image(search, ImageName::parse("web"));
    REQUIRE(web);
    CHECK(web->image.path == place / "pool/web.v/web_2");
    CHECK(web->image.versions == place / "pool/web.v");
    CHECK(locate_image(search, ImageName::parse("disk"))->image.size_bytes == 2);
    CHECK(locate_image(search, ImageName::parse("plain"))->image.path == place / "pool/plain");
    CHECK(locate_image(search, ImageName::parse("tool"), ImageClass::Sysext)->image.path ==
          place / "pool/tool.sysext.raw.v/tool_3.sysext.raw");
    CHECK_FALSE(locate_image(search, ImageName::parse("empty")));
    // What can be renamed or removed under the name is something else.
    CHECK_FALSE(find_image(Pool::open(place / "pool"), ImageName::parse("web")));
}

TEST_CASE("many subvolumes asked at once tell the same as each by itself", "[storage][catalog]") {
    if (auto why = no_volume("btrfs")) {
        SKIP(*why);
    }
    const Scratch volume("btrfs");
    const TempPool pool(volume / "pool");
    const Pool open = pool.open();
    for (int i = 0; i < 80; ++i) {
        volume::make_subvolume(open.fd(), fmt::format("sub{:02}", i));
    }
    fs::create_directory(pool / "tree");
    const Fd marked(::open((pool / "sub07").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    volume::set_subvolume_read_only(marked.get(), true);
    const std::vector<Image> all = list_images(open, false);
    REQUIRE(all.size() == 81);
    for (const Image& image : all) {
        const auto one = find_image(open, image.name);
        REQUIRE(one);
        INFO(image.name.text());
        CHECK(image.type == one->type);
        CHECK(image.read_only == one->read_only);
        CHECK(image.read_only == (image.name.text() == "sub07"));
        CHECK(image.created_us == one->created_us);
        CHECK(image.modified_us == one->modified_us);
        REQUIRE(image.subvolume.has_value() == (image.type == ImageType::Subvolume));
        if (image.subvolume) {
            CHECK(image.subvolume->id == one->subvolume->id);
            CHECK(image.subvolume->uuid == one->subvolume->uuid);
            CHECK(image.subvolume->generation == one->subvolume->generation);
        }
    }
}
