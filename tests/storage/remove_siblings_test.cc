// What goes with an image that is removed.

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mount.h>

#include "storage/identity.hh"
#include "storage/plan.hh"
#include "storage/staging.hh"
#include "tests/catch.hh"
#include "tests/storage/disk_fixture.hh"
#include "tests/storage/volume.hh"

using namespace slipway;
using namespace slipway::storage;
using namespace slipway::tests;

namespace {

const ImageName kWeb = ImageName::parse("web");

} // namespace

TEST_CASE("P14: a removal takes along what newer systemd keeps beside an image",
          "[storage][sibling]") {
    const TempPool pool;
    const Pool open = pool.open();
    store_with(open, disk("web"), "bytes");
    for (const char* name :
         {"web.oci-config", "web.raw.tpmstate", "web.raw.efinvramstate", "web.roothash"}) {
        write_file(pool / name, "x");
    }
    const std::set<std::string> others = {"web.txt", "web2.nspawn", "web.raw.bak", "we.nspawn"};
    for (const std::string& name : others) {
        write_file(pool / name, "x");
    }
    remove_image(open, kWeb);
    REQUIRE(pool.entries() == others);
}

TEST_CASE("siblings of a name that another image has afterwards are left to that",
          "[storage][sibling]") {
    const TempPool pool;
    const Pool open = pool.open();
    std::filesystem::create_directory(pool / "web"); // hides the disk
    for (const char* name : {"web.raw", "web.roothash", "web.nspawn"}) {
        write_file(pool / name, "disk's");
    }
    SECTION("when the first is removed") {
        remove_image(open, kWeb);
        REQUIRE(contents_of(pool.path()) ==
                "web.nspawn: disk's\nweb.raw: disk's\nweb.roothash: disk's");
        remove_image(open, kWeb);
        REQUIRE(pool.entries().empty());
    }
    SECTION("when the first is replaced") {
        store_with(open, spec("web", Replace::Yes), "new");
        REQUIRE(contents_of(pool.path()) ==
                "web.nspawn: disk's\nweb.raw: disk's\nweb.roothash: disk's\nweb/: new");
    }
}

TEST_CASE("a removal takes the administrator's settings along, from this pool's directories only",
          "[storage][sibling]") {
    const TempPool pool;
    const TempDir etc;
    for (const char* name : {"web.nspawn", "db.nspawn"}) {
        write_file(etc / name, "[Exec]");
    }
    Pool open = pool.open();
    REQUIRE(open.settings_directories().empty()); // systemd does not look for images here
    SECTION("a pool that has them there") {
        open.set_settings_directories({etc.path(), etc / "missing"});
        store_with(open, disk("web"), "bytes");
        remove_image(open, kWeb);
        REQUIRE(names_in(etc.path()) == "db.nspawn");
    }
    SECTION("another pool") {
        store_with(open, disk("web"), "bytes");
        remove_image(open, kWeb);
        REQUIRE(names_in(etc.path()) == "db.nspawn web.nspawn");
    }
    REQUIRE(pool.entries().empty());
}

TEST_CASE("settings on a read-only file system are no obstacle to a removal",
          "[storage][sibling]") {
    if (auto why = no_mounts()) {
        SKIP(*why);
    }
    const TempPool pool;
    const MountedFs etc("tmpfs", "size=64k");
    write_file(etc.path() / "web.nspawn", "[Exec]");
    REQUIRE(::mount("none", etc.path().c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr) == 0);
    Pool open = pool.open();
    open.set_settings_directories({etc.path()});
    store_with(open, disk("web"), "bytes");
    remove_image(open, kWeb);
    REQUIRE(pool.entries().empty());
    REQUIRE(names_in(etc.path()) == "web.nspawn");
}

TEST_CASE("P12: a plan in the pool cannot name files elsewhere", "[storage][sibling]") {
    const TempPool pool;
    const TempDir etc;
    const TempDir other;
    const Pool open = pool.open();
    for (const TempDir* directory : {&etc, &other}) {
        write_file(directory->path() / "web.nspawn", "x");
    }
    // A removal that has been decided; its plan is forged.
    const HiddenNames names(next_id());
    std::filesystem::create_directory(pool / names.content);
    const std::string victim = (other / "web.nspawn").string();
    Plan plan{.name = {},
              .fresh = {},
              .read_only = false,
              .old_name = "web",
              .old = find_identity(open.fd(), names.content).value(),
              .old_immutable = false};
    plan.settings = {{victim, find_identity(AT_FDCWD, victim).value()}};
    write_plan(open.fd(), names, plan);
    Pool with_settings = pool.open();
    with_settings.set_settings_directories({etc.path()});
    const Swept swept = sweep(with_settings);
    REQUIRE(swept.completed == 1);
    REQUIRE(swept.problems.empty());
    REQUIRE(names_in(other.path()) == "web.nspawn");
    REQUIRE(names_in(etc.path()) == "web.nspawn");
    REQUIRE(pool.entries().empty());
}
