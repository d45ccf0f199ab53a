// Undo lists, carried out once and again.

#include <net/if.h>
#include <sys/mount.h>

#include "spawn/undo.hh"
#include "tests/catch.hh"
#include "tests/support/loop_fs.hh"
#include "tests/support/private_network.hh"

using namespace slipway;
using namespace slipway::spawn;
using namespace slipway::tests;

namespace {

namespace fs = std::filesystem;

bool is_mount_point(const fs::path& path) {
    return read_file("/proc/self/mountinfo").find(" " + path.string() + " ") != std::string::npos;
}

} // namespace

TEST_CASE("what was never made needs no undoing", "[spawn]") {
    const TempDir directory;
    const auto nothing = (directory / "nothing").string();
    CHECK(undo({{machine::Undo::Kind::Unmount, nothing},
                {machine::Undo::Kind::Unmount, directory.path().string()},
                {machine::Undo::Kind::RemoveCgroup, nothing},
                {machine::Undo::Kind::RemoveImage, nothing},
                {machine::Undo::Kind::RemoveImage, nothing + "/deeper"},
                {machine::Undo::Kind::RemoveTree, nothing},
                {machine::Undo::Kind::RemoveLink, "ve-nothing"},
                {machine::Undo::Kind::RemoveDirectory, nothing}})
              .empty());
    CHECK(fs::exists(directory.path()));
}

TEST_CASE("mounts go before what they are mounted on, with all that is below", "[spawn]") {
    if (auto why = no_mounts()) {
        SKIP(*why);
    }
    use_private_mounts();
    const TempDir directory;
    const fs::path point = directory / "root";
    fs::create_directory(point);
    const std::vector<machine::Undo> list{{machine::Undo::Kind::RemoveDirectory, point.string()},
                                          {machine::Undo::Kind::Unmount, point.string()}};
    for (int layer = 0; layer < 2; ++layer) {
        REQUIRE(::mount("tmpfs", point.c_str(), "tmpfs", 0, nullptr) == 0);
    }
    fs::create_directory(point / "efi");
    REQUIRE(::mount("tmpfs", (point / "efi").c_str(), "tmpfs", 0, nullptr) == 0);
    CHECK(undo(list).empty());
    CHECK_FALSE(is_mount_point(point));
    CHECK_FALSE(fs::exists(point));
    CHECK(undo(list).empty());
}

TEST_CASE("a directory that is not empty stays, is told, and stops nothing", "[spawn]") {
    const TempDir directory;
    write_file(directory / "file", "x");
    fs::create_directory(directory / "empty");
    const machine::Undo full{machine::Undo::Kind::RemoveDirectory, directory.path().string()};
    const auto left =
        undo({{machine::Undo::Kind::RemoveDirectory, (directory / "empty").string()}, full});
    REQUIRE(left.size() == 1);
    CHECK(left.front().step == full);
    CHECK_THAT(left.front().reason, contains("cannot remove the directory"));
    CHECK_FALSE(fs::exists(directory / "empty"));
    CHECK(fs::exists(directory / "file"));
}

TEST_CASE("the clone of an ephemeral machine goes with all that it holds", "[spawn]") {
    const TempDir directory;
    fs::create_directories(directory / ".#slipway-web/etc");
    write_file(directory / ".#slipway-web/etc/file", "x");
    CHECK(
        undo({{machine::Undo::Kind::RemoveImage, (directory / ".#slipway-web").string()}}).empty());
    CHECK(fs::is_empty(directory.path()));
}

TEST_CASE("a network interface of the host goes", "[spawn]") {
    if (auto why = use_private_network()) {
        SKIP(*why);
    }
    const RunResult made = run({"ip", "link", "add", "ve-test", "type", "veth", "peer", "vb-test"});
    if (made.status != 0) {
        SKIP("no veth here: " + made.err);
    }
    CHECK(undo({{machine::Undo::Kind::RemoveLink, "ve-test"}}).empty());
    CHECK(::if_nametoindex("ve-test") == 0);
    CHECK(::if_nametoindex("vb-test") == 0);
}
