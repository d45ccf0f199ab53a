// Plans as text, and the identities that they speak of.

#include <fcntl.h>

#include "storage/identity.hh"
#include "storage/plan.hh"
#include "storage/staging.hh"
#include "tests/catch.hh"
#include "tests/storage/fixture.hh"
#include "tests/storage/volume.hh"

using namespace slipway;
using namespace slipway::storage;
using namespace slipway::tests;

namespace {

const Plan kEverything{.name = "new image",
                       .fresh = "inode:12:34",
                       .read_only = true,
                       .old_name = "new image.raw",
                       .old = "subvolume:256",
                       .old_immutable = true};

} // namespace

TEST_CASE("a plan is read as it was written", "[storage][plan]") {
    const std::string text = "slipway-plan 1\n"
                             "fresh inode:12:34 new image\n"
                             "read-only\n"
                             "old subvolume:256 new image.raw\n"
                             "old-immutable\n"
                             "end\n";
    REQUIRE(to_text(kEverything) == text);
    REQUIRE(parse_plan(text) == kEverything);
    const Plan removal{.name = {},
                       .fresh = {},
                       .read_only = false,
                       .old_name = "web",
                       .old = "inode:1:2",
                       .old_immutable = true};
    REQUIRE(parse_plan(to_text(removal)) == removal);
}

TEST_CASE("a plan names the siblings that appear and go, and settings elsewhere",
          "[storage][plan]") {
    Plan plan{.name = "new image.raw",
              .fresh = "inode:12:34",
              .read_only = false,
              .old_name = {},
              .old = {},
              .old_immutable = false};
    plan.appear = {{"new image.nspawn", "inode:1:2"}, {"new image.roothash.p7s", "inode:3:4"}};
    plan.go = {{"new image.verity", "inode:5:6"}};
    plan.settings = {{"/etc/systemd/nspawn/new image.nspawn", "inode:7:8"}};
    const std::string text = "slipway-plan 1\n"
                             "fresh inode:12:34 new image.raw\n"
                             "appears inode:1:2 new image.nspawn\n"
                             "appears inode:3:4 new image.roothash.p7s\n"
                             "goes inode:5:6 new image.verity\n"
                             "settings inode:7:8 /etc/systemd/nspawn/new image.nspawn\n"
                             "end\n";
    REQUIRE(to_text(plan) == text);
    REQUIRE(parse_plan(text) == plan);
    for (std::size_t size = 0; size + 1 < text.size(); ++size) {
        INFO(size);
        REQUIRE_FALSE(parse_plan(text.substr(0, size)));
    }
}

TEST_CASE("a plan names what a renaming moves, in the pool and elsewhere", "[storage][plan]") {
    Plan plan{.name = {},
              .fresh = {},
              .read_only = false,
              .old_name = "web one.raw",
              .old = "inode:1:2",
              .old_immutable = true,
              .becomes = "db.raw"};
    plan.appear = {{"/etc/systemd/nspawn/web.nspawn", "inode:3:4"}};
    plan.move = {{"", "web one.verity", "db.verity", "inode:5:6"},
                 {"/run/systemd/nspawn", "web one.nspawn", "db.nspawn", "inode:7:8"}};
    const std::string text = "slipway-plan 1\n"
                             "old inode:1:2 web one.raw\n"
                             "old-immutable\n"
                             "becomes db.raw\n"
                             "appears inode:3:4 /etc/systemd/nspawn/web.nspawn\n"
                             "moves inode:5:6 web one.verity/db.verity\n"
                             "moves inode:7:8 /run/systemd/nspawn/web one.nspawn/db.nspawn\n"
                             "end\n";
    REQUIRE(to_text(plan) == text);
    REQUIRE(parse_plan(text) == plan);
}

TEST_CASE("a plan that was cut anywhere is none", "[storage][plan]") {
    const std::string text = to_text(kEverything);
    for (std::size_t size = 0; size + 1 < text.size(); ++size) {
        INFO(size);
        REQUIRE_FALSE(parse_plan(text.substr(0, size)));
    }
}

TEST_CASE("a plan that says something else is none", "[storage][plan]") {
    for (const char* text : {
             "slipway-plan 2\nread-only\nend\n", "slipway-plan 1\nfresh inode:1:2 ../etc\nend\n",
             "slipway-plan 1\nfresh inode:1:2 \nend\n", "slipway-plan 1\nfresh inode:1:2\nend\n",
             "slipway-plan 1\nremove everything\nend\n",
             "slipway-plan 1\ngoes inode:1:2 web\nend\n", // no sibling
             "slipway-plan 1\nappears inode:1:2 ../web.nspawn\nend\n",
             "slipway-plan 1\ngoes  web.nspawn\nend\n", "slipway-plan 1\ngoes\nend\n",
             "slipway-plan 1\nappears inode:1:2 etc/web.nspawn\nend\n",
             "slipway-plan 1\nbecomes \nend\n", "slipway-plan 1\nbecomes ../db\nend\n",
             "slipway-plan 1\nmoves inode:1:2 web.nspawn\nend\n",
             "slipway-plan 1\nmoves inode:1:2 web/db\nend\n",                  // no siblings
             "slipway-plan 1\nmoves inode:1:2 web.nspawn/db.verity\nend\n",    // another one
             "slipway-plan 1\nmoves inode:1:2 ../web.nspawn/db.nspawn\nend\n", // not absolute
         }) {
        INFO(text);
        REQUIRE_FALSE(parse_plan(text));
    }
}

TEST_CASE("one rename alone needs no plan", "[storage][plan]") {
    Plan plan{.name = "web",
              .fresh = "inode:1:2",
              .read_only = false,
              .old_name = "web",
              .old = "inode:3:4",
              .old_immutable = false};
    REQUIRE_FALSE(plan.is_needed());
    plan.old_name = "web.raw";
    REQUIRE(plan.is_needed());
    plan.old_name.clear();
    REQUIRE_FALSE(plan.is_needed());
    plan.read_only = true;
    REQUIRE(plan.is_needed());
    plan.read_only = false;
    plan.appear = {{"web.nspawn", "inode:1:2"}};
    REQUIRE(plan.is_needed());
    plan.appear.clear();
    plan.go = {{"web.nspawn", "inode:1:2"}};
    REQUIRE(plan.is_needed());
}

TEST_CASE("an identity stays with what it names, through renames, and is never given again",
          "[storage][plan]") {
    const std::string kind = GENERATE("ext4", "xfs", "btrfs", "tmpfs");
    if (auto why = no_volume(kind)) {
        SKIP(*why);
    }
    const Scratch volume(kind);
    const TempPool pool(volume / "pool");
    const Pool open = pool.open();
    store(open, spec("one"), "1");
    store(open, spec("two"), "2");
    const auto one = find_identity(open.fd(), "one");
    const auto two = find_identity(open.fd(), "two");
    REQUIRE(one);
    REQUIRE(two);
    REQUIRE(one != two);
    std::filesystem::rename(pool / "one", pool / "three");
    REQUIRE(find_identity(open.fd(), "three") == one);
    REQUIRE_FALSE(find_identity(open.fd(), "one"));
    for (int i = 0; i < 20; ++i) {
        store(open, spec("two", Replace::Yes), "2");
        REQUIRE(find_identity(open.fd(), "two") != two);
    }
}

TEST_CASE("a plan whose images are not what they were changes nothing", "[storage][plan]") {
    const TempPool pool;
    const Pool open = pool.open();
    write_file(pool / "web.raw", "somebody else's");
    std::filesystem::create_directory(pool / "web");
    const HiddenNames names(next_id());
    write_plan(open.fd(), names,
               {.name = "web",
                .fresh = "inode:1:1",
                .read_only = true,
                .old_name = "web.raw",
                .old = "inode:2:2",
                .old_immutable = true});
    REQUIRE(sweep(open).problems.empty());
    REQUIRE(state_of(pool.path()) == "web.raw: file\nweb: directory");
}
