// Trees on real file systems: each keeps what it should, and says what it cannot.

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "tests/catch.hh"
#include "tests/pull/tar_maker.hh"
#include "tests/pull/unpack_here.hh"
#include "tests/support/disk_file.hh"
#include "tests/support/loop_fs.hh"
#include "tests/support/rich_tree.hh"
#include "tests/support/tree.hh"

using namespace slipway;
using namespace slipway::tests;

namespace {

constexpr std::uint64_t kSize = 400 * MiB;

std::string pack(const std::filesystem::path& source) {
    return run_ok({"tar", "--format=pax", "--numeric-owner", "--xattrs", "--xattrs-include=*",
                   "--acls", "--sparse", "-C", source, "-c", "."});
}

std::filesystem::path make_staging(const LoopFs& fs) {
    std::filesystem::create_directory(fs / "staging");
    return fs / "staging";
}

const std::vector<std::string> kNone;

} // namespace

TEST_CASE("P6: a tree is the same on ext4, xfs and btrfs", "[pull][fs]") {
    TempDir source;
    if (auto why = no_attributes(source.path())) {
        SKIP(*why);
    }
    if (::geteuid() != 0) {
        SKIP("needs root: owners and devices");
    }
    make_rich_tree(source.path(), {.node_links = false});
    const std::string tar = pack(source.path());
    const Tree expected = read_tree(source.path());
    for (const char* type : {"ext4", "xfs", "btrfs"}) {
        INFO(type);
        if (auto why = no_loop_fs(type)) {
            WARN("SKIPPED: " << *why);
            continue;
        }
        const LoopFs fs(type, kSize);
        const std::filesystem::path staging = make_staging(fs);
        CHECK(unpack_here(tar, staging).error == "");
        CHECK(tree_differences(expected, read_tree(staging)) == kNone);
    }
}

TEST_CASE("xfs keeps no blocks that it allocated in advance for a file with holes", "[pull][fs]") {
    if (auto why = no_loop_fs("xfs")) {
        SKIP(*why);
    }
    const LoopFs fs("xfs", kSize);
    const std::filesystem::path staging = make_staging(fs);
    REQUIRE(unpack_here(read_file(tar_data("sparse-1.0.tar")), staging).error == "");
    CHECK(allocated_bytes(staging / "f") == 2 * 4096);
}

TEST_CASE("a pool whose new files take its group, or an ACL of its own, changes nothing",
          "[pull][fs]") {
    if (auto why = no_loop_fs("ext4")) {
        SKIP(*why);
    }
    const std::string tar =
        tar_directory("d/") + tar_file("d/f", "x") + tar_file("g", "y") + tar_end();
    const auto check = [&](const std::filesystem::path& staging) {
        REQUIRE(unpack_here(tar, staging).error == "");
        const Tree tree = read_tree(staging);
        for (const auto& [name, node] : tree) {
            INFO(name);
            CHECK(node.uid == 0);
            CHECK(node.gid == 0);
            CHECK((node.mode & 07777) == (S_ISDIR(node.mode) ? 0755U : 0644U));
            CHECK(node.attributes.empty());
        }
    };
    SECTION("mounted grpid") {
        const LoopFs fs("ext4", 64 * MiB, {.mkfs = {}, .mount = "grpid"});
        const std::filesystem::path staging = make_staging(fs);
        REQUIRE(::chown(staging.c_str(), 7, 8) == 0);
        check(staging);
    }
    SECTION("set-group-id on the staging") {
        const LoopFs fs("ext4", 64 * MiB);
        const std::filesystem::path staging = make_staging(fs);
        REQUIRE(::chown(staging.c_str(), 0, 8) == 0);
        REQUIRE(::chmod(staging.c_str(), 02775) == 0);
        check(staging);
    }
    SECTION("a default ACL on the staging") {
        const LoopFs fs("ext4", 64 * MiB);
        const std::filesystem::path staging = make_staging(fs);
        run_ok({"setfacl", "-d", "-m", "u::rwx,g::---,o::---,u:1000:rwx", staging});
        run_ok({"setfacl", "-m", "u:1000:rwx", staging});
        check(staging);
    }
}

TEST_CASE("A15: an attribute too large for ext4 is no full disk", "[pull][fs]") {
    if (auto why = no_loop_fs("ext4")) {
        SKIP(*why);
    }
    const LoopFs fs("ext4", 64 * MiB);
    const std::filesystem::path staging = make_staging(fs);
    const std::string body = "6032 SCHILY.xattr.user.large=" + std::string(6002, 'v') + "\n";
    REQUIRE(body.size() == 6032);
    std::string tar = tar_header("PaxHeader", 'x', body.size()) + body;
    tar.resize((tar.size() + 511) / 512 * 512);
    tar += tar_file("f", "x") + tar_end();
    const Outcome outcome = unpack_here(tar, staging);
    CHECK(outcome.kind == Kind::Unsupported);
    CHECK(outcome.error ==
          "'f': this file system cannot hold its attribute 'user.large' of 6002 bytes: No space "
          "left on device. Use another file system, or leave such attributes out with "
          "--skip-unsupported-xattrs");
}

TEST_CASE("P1: a full volume is said to be full, and how much is free", "[pull][fs]") {
    if (auto why = no_loop_fs("ext4")) {
        SKIP(*why);
    }
    const LoopFs fs("ext4", 16 * MiB);
    const std::filesystem::path staging = make_staging(fs);
    const std::string tar =
        tar_file("small", "x") + tar_file("large", std::string(20 * MiB, 'x')) + tar_end();
    const Outcome outcome = unpack_here(tar, staging);
    CHECK(outcome.kind == Kind::NoSpace);
    CHECK_THAT(outcome.error,
               contains("'large': cannot write its contents: No space left on device; "));
    CHECK_THAT(outcome.error, contains(" are free"));
}

TEST_CASE("P3: a volume without inodes is said to have none", "[pull][fs]") {
    if (auto why = no_loop_fs("ext4")) {
        SKIP(*why);
    }
    const LoopFs fs("ext4", 16 * MiB, {.mkfs = {"-N", "16"}, .mount = ""});
    const std::filesystem::path staging = make_staging(fs);
    std::string tar;
    for (int i = 0; i < 40; ++i) {
        tar += tar_file("f" + std::to_string(i), "");
    }
    const Outcome outcome = unpack_here(tar + tar_end(), staging);
    CHECK(outcome.kind == Kind::NoSpace);
    CHECK_THAT(outcome.error, contains("cannot make the file: No space left on device; it has no "
                                       "inodes left"));
}
