// The copy of a tree is the tree: on every file system, across them, whatever the tree holds.

#include <vector>

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.hh"
#include "tests/catch.hh"
#include "tests/support/disk_file.hh"
#include "tests/support/rich_tree.hh"
#include "tests/support/tree.hh"
#include "tests/volume/copying.hh"

using namespace slipway;
using namespace slipway::volume;
using namespace slipway::tests;

namespace {

namespace fs = std::filesystem;
void write_at(const fs::path& path, off_t at, const std::string& text) {
    const Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
    REQUIRE(::pwrite(fd.get(), text.data(), text.size(), at) == static_cast<ssize_t>(text.size()));
}

} // namespace

TEST_CASE("P6: a copy equals its source on every file system", "[storage][copy]") {
    const std::string kind = GENERATE(from_range(all_volumes()));
    if (auto why = no_volume(kind)) {
        SKIP(*why);
    }
    INFO(kind);
    const Between place(kind, kind);
    if (auto why = no_attributes(place.from)) {
        SKIP(*why);
    }
    make_rich_tree(place.from,
                   {.devices = kind != "overlay"}); // which takes some for its own marks
    const unsigned workers = GENERATE(1U, 4U);
    const Tree before = read_tree(place.from);
    const volume::CopiedTree copied = make_copy(place.from, place.to, {.workers = workers});
    CHECK(tree_differences(before, read_tree(place.to)) == Lines{});
    CHECK(tree_differences(before, read_tree(place.from)) == Lines{});
    CHECK(copied.entries == before.size() - 1);
    CHECK(copied.not_entered == Lines{});
    CHECK(copied.changed.count == 0);
    CHECK(copied.vanished.count == 0);
}

TEST_CASE("a copy to another file system equals its source", "[storage][copy]") {
    const auto [from, to] = GENERATE(table<std::string, std::string>({{"ext4", "xfs"},
                                                                      {"xfs", "ext4"},
                                                                      {"ext4", "btrfs"},
                                                                      {"btrfs", "ext4"},
                                                                      {"xfs", "tmpfs"}}));
    for (const std::string& kind : {from, to}) {
        if (auto why = no_volume(kind)) {
            SKIP(*why);
        }
    }
    INFO(from << " to " << to);
    const Between place(from, to);
    make_rich_tree(place.from);
    const volume::CopiedTree copied = make_copy(place.from, place.to);
    CHECK(copy_differences(place.from, place.to) == Lines{});
    CHECK(copied.shared_files == 0);
}

TEST_CASE("files share their blocks where the file system can do that", "[storage][copy]") {
    const std::string kind = GENERATE("xfs", "btrfs", "xfs-plain", "ext4");
    if (auto why = no_volume(kind)) {
        SKIP(*why);
    }
    INFO(kind);
    const Between place(kind, kind);
    write_file(place.from / "large", std::string(3 * MiB + 5, 'x'));
    write_file(place.from / "small", std::string(10'000, 'y'));
    write_file(place.from / "empty", "");
    const volume::CopiedTree copied = make_copy(place.from, place.to);
    const bool shares = kind == "xfs" || kind == "btrfs";
    CHECK(copied.files == 2);
    CHECK(copied.shared_files == (shares ? 2 : 0));
    CHECK(copied.size_bytes == 3 * MiB + 5 + 10'000);
    CHECK(shared_bytes(place.to / "large") >= (shares ? 3 * MiB : 0));
    CHECK((shared_bytes(place.to / "large") > 0) == shares);
    CHECK(copy_differences(place.from, place.to) == Lines{});
}

TEST_CASE("a file of a tebibyte with two pages of data stays as sparse as it was",
          "[storage][copy]") {
    const auto [from, to] = GENERATE(table<std::string, std::string>(
        {{"xfs", "xfs"}, {"xfs", "xfs-plain"}, {"ext4", "ext4"}, {"btrfs", "xfs"}}));
    for (const std::string& kind : {from, to}) {
        if (auto why = no_volume(kind)) {
            SKIP(*why);
        }
    }
    INFO(from << " to " << to);
    const Between place(from, to);
    const fs::path file = place.from / "disk";
    write_at(file, 1'000'000'000'000, "behind");
    write_at(file, 4096 * 7, "in front");
    REQUIRE(::truncate(file.c_str(), 1'099'511'627'776 + 13) == 0);
    const volume::CopiedTree copied = make_copy(place.from, place.to);
    CHECK(copied.size_bytes == 1'099'511'627'776 + 13);
    CHECK(copy_differences(place.from, place.to) == Lines{});
    struct stat info {};
    REQUIRE(::stat((place.to / "disk").c_str(), &info) == 0);
    CHECK(info.st_blocks * 512 < 1'000'000);
}

TEST_CASE("hard links lead across directories as they did", "[storage][copy]") {
    const std::string kind = GENERATE("ext4", "btrfs");
    if (auto why = no_volume(kind)) {
        SKIP(*why);
    }
    const Between place(kind, kind);
    constexpr int kDirectories = 40;
    constexpr int kInodes = 60;
    for (int d = 0; d < kDirectories; ++d) {
        fs::create_directory(place.from / std::to_string(d));
        for (int i = 0; i < kInodes; ++i) {
            const fs::path name = place.from / std::to_string(d) / std::to_string((i * 7 + d) % 97);
            if (fs::exists(fs::symlink_status(name))) {
                continue;
            }
            const fs::path first = place.from / ("first" + std::to_string(i));
            if (!fs::exists(fs::symlink_status(first))) {
                if (i % 3 == 0) {
                    fs::create_symlink("to " + std::to_string(i), first);
                } else {
                    write_file(first, std::to_string(i));
                }
            }
            REQUIRE(::linkat(AT_FDCWD, first.c_str(), AT_FDCWD, name.c_str(), 0) == 0);
        }
    }
    for (const unsigned workers : {1U, 4U, 16U}) {
        const fs::path to = place.to_volume / std::to_string(workers);
        make_copy(place.from, to, {.workers = workers});
        CHECK(copy_differences(place.from, to) == Lines{});
    }
}

TEST_CASE("a directory of many entries is shared among the workers", "[storage][copy]") {
    if (auto why = no_volume("ext4")) {
        SKIP(*why);
    }
    const Between place("ext4", "ext4");
    for (int i = 0; i < 9000; ++i) {
        write_file(place.from / std::to_string(i), std::to_string(i % 10));
    }
    const volume::CopiedTree copied = make_copy(place.from, place.to, {.workers = 4});
    CHECK(copied.entries == 9000);
    CHECK(copy_differences(place.from, place.to) == Lines{});
}

TEST_CASE("A11: paths of any length are copied", "[storage][copy]") {
    if (auto why = no_volume("ext4")) {
        SKIP(*why);
    }
    const Between place("ext4", "ext4");
    constexpr int kDepth = 100;
    Fd at = open_tree(place.from);
    for (int i = 0; i < kDepth; ++i) {
        const std::string name(200, static_cast<char>('a' + i % 26));
        REQUIRE(::mkdirat(at.get(), name.c_str(), 0750) == 0);
        Fd below(::openat(at.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        REQUIRE(below);
        REQUIRE(::symlinkat("x", below.get(), "link") == 0);
        at = std::move(below);
    }
    const volume::CopiedTree copied = make_copy(place.from, place.to);
    CHECK(copied.entries == 2 * kDepth);
    CHECK(copy_differences(place.from, place.to) == Lines{});
}
