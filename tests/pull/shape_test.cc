// The archive as a whole: a tree, a tree one directory too deep, or something that wants another
// verb.

#include <sys/stat.h>
#include <unistd.h>

#include "tests/catch.hh"
#include "tests/pull/unpack_here.hh"

using namespace slipway;
using namespace slipway::tests;

namespace {

std::vector<std::string> names_at_top(const Tree& tree) {
    std::vector<std::string> names;
    for (const auto& [path, node] : tree) {
        if (path != "." && path.find('/') == std::string::npos) {
            names.push_back(path);
        }
    }
    return names;
}

using Names = std::vector<std::string>;

} // namespace

TEST_CASE("A19: the contents of a lone top directory are moved up, and the root becomes it",
          "[pull]") {
    if (::geteuid() != 0) {
        SKIP("needs root: owners");
    }
    Trial trial;
    const Outcome outcome = trial.unpack("top-alone");
    REQUIRE(outcome.error == "");
    CHECK(outcome.tree->hoisted == "root.x86_64");
    CHECK(outcome.tree->left_out == 0);
    CHECK(outcome.warnings.empty());
    const Tree tree = trial.tree();
    CHECK(names_at_top(tree) == Names{"bin", "etc", "usr"});
    CHECK(tree.at(".").mode == (S_IFDIR | 0711));
    CHECK(tree.at(".").uid == 5);
    CHECK(tree.at(".").mtime_seconds == 77);
    CHECK(tree.at("usr/bin").mode == (S_IFDIR | 0755));
    CHECK(tree.at("usr/bin").mtime_seconds == 1'000'000'000);
    CHECK(tree.at("bin").target == "usr/bin");
}

TEST_CASE("A19: plain files beside the top directory are left out and counted", "[pull]") {
    if (::geteuid() != 0) {
        SKIP("needs root: the archives' owner is root");
    }
    Trial trial;
    const Outcome outcome = trial.unpack("top-with-files");
    REQUIRE(outcome.error == "");
    CHECK(outcome.tree->hoisted == "root.x86_64");
    CHECK(outcome.tree->left_out == 2);
    CHECK(outcome.warnings == std::vector<std::string>{"left out: 2 plain files beside the top "
                                                       "directory 'root.x86_64'"});
    CHECK(names_at_top(trial.tree()) == Names{"bin", "etc", "usr"});
}

TEST_CASE("A19: a tree that holds the name of its top directory is moved up as well", "[pull]") {
    if (::geteuid() != 0) {
        SKIP("needs root: the archives' owner is root");
    }
    Trial trial;
    CHECK(trial.unpack("top-unlisted").tree->hoisted == "root.x86_64");
    CHECK(names_at_top(trial.tree()) == Names{"bin", "etc", "usr"});
    CHECK(trial.unpack("top-holds-its-name").tree->hoisted == "usr-tree");
    CHECK(names_at_top(trial.tree()) == Names{"bin", "etc", "usr", "usr-tree"});
    CHECK(trial.unpack("top-holds-aside-name").tree->hoisted == "t");
    CHECK(names_at_top(trial.tree()) == Names{".#slipway-top", "bin", "etc", "usr"});
}

TEST_CASE("A19: with two top directories, a symlink, or no system tree all stays as it is",
          "[pull]") {
    if (::geteuid() != 0) {
        SKIP("needs root: the archives' owner is root");
    }
    struct Kept {
        const char* name;
        Names at_top;
    };
    Trial trial;
    for (const Kept& kept : std::vector<Kept>{{"top-two", {"one", "two"}},
                                              {"top-symlink", {"real", "root.x86_64"}},
                                              {"top-with-fifo", {"fifo", "root.x86_64"}},
                                              {"top-is-usr", {"usr"}},
                                              {"top-no-system", {"app"}}}) {
        INFO(kept.name);
        const Outcome outcome = trial.unpack(kept.name);
        REQUIRE(outcome.error == "");
        CHECK(outcome.tree->hoisted == "");
        CHECK(names_at_top(trial.tree()) == kept.at_top);
    }
}

TEST_CASE("A20: an image in layers is refused: what it is, and what to use", "[pull][hostile]") {
    check_refusals({
        {"docker-save", Kind::Unsupported, "as 'docker save' writes it, not a tree"},
        {"docker-save-oci", Kind::Unsupported, "take what 'docker export' or 'podman export'"},
        {"oci-layout", Kind::Unsupported, "the archive is an OCI image layout, not a tree"},
    });
}

TEST_CASE("an archive that holds one disk image is refused and named", "[pull][hostile]") {
    check_refusals({
        {"one-gpt-disk", Kind::Unsupported,
         "the archive holds a disk image, 'disk.raw' (a disk image with a GPT partition table)"},
        {"one-qcow2-disk", Kind::Unsupported,
         "the archive holds a disk image, 'images/a' (a qcow2 disk image), and no tree; pull-raw "
         "and import-raw take such an archive"},
        {"one-blank-disk", Kind::Unsupported, "'disk.img' (by its name)"},
        {"one-sparse-disk", Kind::Unsupported, "'disk' (a disk image with a boot sector)"},
    });
}

TEST_CASE("A7, S11: what is no tar archive is refused: what it is, and which verb takes it",
          "[pull][hostile]") {
    struct Other {
        const char* name;
        Kind kind;
        const char* message;
    };
    Trial trial;
    for (const Other& other : std::vector<Other>{
             {"not-qcow2", Kind::Unsupported,
              "the input is a qcow2 disk image, not a tar archive; pull-raw and import-raw take "
              "it"},
             {"not-gpt", Kind::Unsupported, "a disk image with a GPT partition table"},
             {"not-squashfs", Kind::Unsupported, "a squashfs file system"},
             {"not-cpio", Kind::Unsupported, "the input is a cpio archive"},
             {"not-zip", Kind::Unsupported, "the input is a zip archive"},
             {"not-html", Kind::Corrupt,
              "the input is an HTML or XML page, not a tar archive; a server may have sent it"},
             {"not-twice-packed", Kind::Unsupported, "it is compressed twice"},
             {"not-text", Kind::Corrupt,
              "the input is not a tar archive: it starts with 'ID=debian\\nVERSIO'"},
             {"not-short", Kind::Corrupt, "it starts with 'hello'"},
             {"empty.tar", Kind::Corrupt, "the input is empty; expected a tar archive"},
             {"no-entries.tar", Kind::Corrupt, "the archive holds no entry at all"},
             {"zeros-disk.tar", Kind::Unsupported, "an ext2, ext3 or ext4 file system"}}) {
        for (const std::size_t piece : {std::size_t{1} << 20, std::size_t{1}, std::size_t{700}}) {
            INFO(other.name << ", " << piece << " bytes at a time");
            const Outcome outcome =
                trial.unpack_bytes(read_file(tar_data(other.name)), {.piece = piece});
            CHECK_FALSE(outcome.tree);
            CHECK(word(outcome.kind) == word(other.kind));
            CHECK_THAT(outcome.error, contains(other.message));
        }
    }
}

TEST_CASE("what docker export writes is unpacked as it is", "[pull]") {
    if (::geteuid() != 0) {
        SKIP("needs root: owners");
    }
    Trial trial;
    const Outcome outcome = trial.unpack("docker-export", {.piece = 10'000});
    REQUIRE(outcome.error == "");
    CHECK(outcome.tree->hoisted == "");
    const Tree tree = trial.tree();
    CHECK(names_at_top(tree) == Names{".dockerenv", "bin", "dev", "etc", "usr"});
    CHECK(tree.at("usr/bin/ping").attributes.count("security.capability") == 1);
    CHECK(tree.at("usr/bin/ping4").first_link == "usr/bin/ping");
    std::string name = "usr/bin/";
    for (int i = 0; i < 40; ++i) {
        name += "long";
    }
    CHECK(tree.at(name).uid == 1000);
}
