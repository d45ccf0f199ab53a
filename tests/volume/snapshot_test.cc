// Stagings that begin as a snapshot of a subvolume.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.hh"
#include "base/error.hh"
#include "storage/staging.hh"
#include "tests/catch.hh"
#include "tests/storage/fixture.hh"
#include "tests/support/loop_fs.hh"
#include "tests/support/rich_tree.hh"
#include "tests/support/tree.hh"
#include "tests/volume/copying.hh"
#include "volume/inode_flags.hh"
#include "volume/subvolume.hh"

using namespace slipway;
using namespace slipway::storage;
using namespace slipway::tests;

namespace {

namespace fs = std::filesystem;

void make_source(const fs::path& path) {
    const Fd parent = open_tree(path.parent_path());
    volume::make_subvolume(parent.get(), path.filename().string());
    make_rich_tree(path);
    const Fd source = open_tree(path);
    volume::make_subvolume(source.get(), "nested");
    write_file(path / "nested/file", "in a subvolume of its own");
}

Lines differences(const Tree& source, const fs::path& image) {
    Tree found = read_tree(image);
    found["."].attributes.erase(kOriginAttribute);
    return tree_differences(source, found);
}

} // namespace

TEST_CASE("an image can begin as a snapshot, nested subvolumes included", "[storage][snapshot]") {
    if (auto why = no_loop_fs("btrfs")) {
        SKIP(*why);
    }
    const LoopFs volume("btrfs", 320 * MiB);
    const TempPool pool(volume);
    const Pool open = pool.open();
    make_source(volume / "source");
    const Fd source = open_tree(volume / "source");
    const bool read_only_source = GENERATE(false, true);
    const ReadOnly read_only = GENERATE(ReadOnly::No, ReadOnly::Yes);
    if (read_only_source) {
        volume::set_subvolume_read_only(source.get(), true);
    }
    const Tree before = read_tree(volume / "source");
    REQUIRE(volume::can_make_snapshot(source.get(), open.fd()));
    StagingSpec what = spec("web", Replace::No, read_only);
    what.snapshot_of = source.get();
    Staging staging(open, what);
    REQUIRE(staging.type() == ImageType::Subvolume);
    std::move(staging).commit(accepted(), {"{}"}, {});
    CHECK(differences(before, pool / "web") == Lines{});
    CHECK(tree_differences(before, read_tree(volume / "source")) == Lines{});
    const Fd image = open_tree(pool / "web");
    CHECK(volume::is_read_only_subvolume(image.get()) == (read_only == ReadOnly::Yes));
    CHECK(volume::is_subvolume(open_tree(pool / "web/nested").get()));
    CHECK(volume::subvolume_id(open_tree(pool / "web/nested").get()) !=
          volume::subvolume_id(open_tree(volume / "source/nested").get()));
    remove_image(open, ImageName::parse("web"));
    CHECK(pool.entries().empty());
}

TEST_CASE("a snapshot that is not committed goes with its nested subvolumes",
          "[storage][snapshot]") {
    if (auto why = no_loop_fs("btrfs")) {
        SKIP(*why);
    }
    const LoopFs volume("btrfs", 320 * MiB);
    const TempPool pool(volume);
    const Pool open = pool.open();
    make_source(volume / "source");
    const Fd source = open_tree(volume / "source");
    StagingSpec what = spec("web");
    what.snapshot_of = source.get();
    { const Staging staging(open, what); }
    CHECK(pool.entries().empty());
    CHECK(read_file(volume / "source/nested/file") == "in a subvolume of its own");
}

TEST_CASE("a snapshot of a subvolume whose top is immutable can be committed",
          "[storage][snapshot]") {
    if (auto why = no_loop_fs("btrfs")) {
        SKIP(*why);
    }
    const LoopFs volume("btrfs", 320 * MiB);
    const TempPool pool(volume);
    const Pool open = pool.open();
    make_source(volume / "source");
    const Fd source = open_tree(volume / "source");
    volume::set_immutable(source.get(), true);
    StagingSpec what = spec("web");
    what.snapshot_of = source.get();
    Staging(open, what).commit(accepted(), {"{}"}, {});
    volume::set_immutable(source.get(), false);
    CHECK(read_file(pool / "web/nested/file") == "in a subvolume of its own");
}

TEST_CASE("a snapshot can be made only of a subvolume, on its file system, outside of it",
          "[storage][snapshot]") {
    if (auto why = no_loop_fs("btrfs")) {
        SKIP(*why);
    }
    const LoopFs volume("btrfs", 320 * MiB);
    const LoopFs other("btrfs", 320 * MiB);
    make_source(volume / "source");
    fs::create_directory(volume / "plain");
    const Fd source = open_tree(volume / "source");
    const auto can = [&](const fs::path& from, const fs::path& to) {
        return volume::can_make_snapshot(open_tree(from).get(), open_tree(to).get());
    };
    CHECK(can(volume / "source", volume / "plain"));
    CHECK(can(volume / "source/nested", volume / "source"));
    CHECK_FALSE(can(volume / "plain", volume / "plain"));
    CHECK_FALSE(can(volume / "source", volume / "source/nested"));
    CHECK_FALSE(can(volume.path(), volume / "plain"));
    CHECK_FALSE(can(volume / "source", other.path()));
    CHECK(volume::are_on_one_file_system(source.get(), open_tree(volume / "plain").get()));
    CHECK_FALSE(volume::are_on_one_file_system(source.get(), open_tree(other.path()).get()));
}
