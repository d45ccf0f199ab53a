// Archives that want out of the image, and links and names that meet one another in it. The writer
// is tried without the fences around it: here it is the only thing that holds.

#include <sys/stat.h>
#include <unistd.h>

#include "tests/catch.hh"
#include "tests/pull/unpack_here.hh"

using namespace slipway;
using namespace slipway::tests;

namespace {

// Names and types of a tree in one line: "d/ d/f l>".
std::string shape(const Tree& tree) {
    std::string line;
    for (const auto& [path, node] : tree) {
        if (path != ".") {
            const char* type = S_ISDIR(node.mode) ? "/" : S_ISLNK(node.mode) ? ">" : "";
            line += (line.empty() ? "" : " ") + path + type;
        }
    }
    return line;
}

struct Confined {
    const char* name;
    const char* shape; ///< of what is in the staging afterwards
};

} // namespace

TEST_CASE("A8: an archive that wants out of the image is refused and changes nothing outside",
          "[pull][hostile]") {
    check_refusals({
        {"dotdot-name", Kind::Corrupt, "'../outside': its name holds '..'"},
        {"dotdot-middle", Kind::Corrupt, "'a/../../outside': its name holds '..'"},
        {"dotdot-pax", Kind::Corrupt, "'../outside': its name holds '..'"},
        {"dotdot-longname", Kind::Corrupt, "'../outside': its name holds '..'"},
        {"symlink-nowhere-parent", Kind::Corrupt,
         "'d/outside': 'd' is a symlink that leads to no directory of this archive"},
        {"symlink-proc-parent", Kind::Corrupt,
         "'d/outside': 'd' is a symlink that leads to no directory of this archive"},
        {"symlink-loop-parent", Kind::Corrupt, "'d/outside': 'd' is not a directory"},
        {"directory-then-symlink", Kind::Corrupt,
         "'d': the archive holds a directory of that name before it"},
        {"root-is-a-symlink", Kind::Corrupt, "the root of an image can only be a directory"},
        {"root-is-a-file", Kind::Corrupt, "the root of an image can only be a directory"},
    });
}

TEST_CASE("A8: names and symlinks that mean something outside mean it within the image",
          "[pull][hostile]") {
    const std::vector<Confined> confined{
        {"absolute-name", "outside"},
        {"absolute-directory", "etc/ etc/outside"},
        {"symlink-absolute-parent", "d> tmp/ tmp/outside"},
        {"symlink-dotdot-parent", "d> outside"},
        {"symlink-chain-parent", "a> b> outside"},
        {"symlink-swapped", "a/ a/one b/ b/two s> three"},
        {"symlink-then-file", "f"},
        {"symlink-then-device", "f"},
        {"symlink-then-directory", "d/ d/outside etc/"},
    };
    if (::geteuid() != 0) {
        SKIP("needs root: the archives' owner is root");
    }
    Trial trial;
    for (const Confined& one : confined) {
        INFO(one.name);
        CHECK(trial.unpack_hostile(one.name).error == "");
        CHECK(shape(trial.tree()) == one.shape);
        CHECK(trial.changes_outside() == std::vector<std::string>{});
        CHECK(trial.unpack(one.name, {.piece = 1}).error == "");
        CHECK(shape(trial.tree()) == one.shape);
    }
}

TEST_CASE("A9: a hard link to what the archive does not hold before it is refused by name",
          "[pull][hostile]") {
    check_refusals({
        {"hardlink-dotdot", Kind::Corrupt,
         "'h': it is a hard link to '../../../../etc/passwd': its name holds '..'"},
        {"hardlink-absolute", Kind::Corrupt,
         "'h': it is a hard link to '/etc/passwd', which the archive does not hold before it"},
        {"hardlink-through-symlink", Kind::Corrupt,
         "'h': it is a hard link to 'd/passwd', which the archive does not hold before it"},
        {"hardlink-to-later", Kind::Corrupt,
         "'h': it is a hard link to 'f', which the archive does not hold before it"},
        {"hardlink-to-nothing", Kind::Corrupt, "which the archive does not hold before it"},
        {"hardlink-to-itself", Kind::Corrupt, "which the archive does not hold before it"},
        {"hardlink-to-directory", Kind::Corrupt, "it is a hard link to 'd', which is a directory"},
        {"hardlink-to-root", Kind::Corrupt, "it is a hard link to '.'"},
        {"symlink-empty", Kind::Corrupt, "'s': it is a symlink to nothing"},
    });
}

TEST_CASE("A9: hard links are exact, of symlinks and more than once as well", "[pull]") {
    if (::geteuid() != 0) {
        SKIP("needs root: the archives' owner is root");
    }
    Trial trial;
    CHECK(trial.unpack("hardlink-to-symlink").error == "");
    Tree tree = trial.tree();
    CHECK(tree.at("h").target == "nowhere");
    CHECK(tree.at("h").first_link == "h");
    CHECK(tree.at("s").first_link == "h");

    CHECK(trial.unpack("hardlink-repeated").error == "");
    tree = trial.tree();
    CHECK(tree.at("f").size_bytes == 1);
    CHECK(tree.at("h").first_link == "f");

    // POSIX allows contents behind a hard link's header; they are the file's own.
    CHECK(trial.unpack("hardlink-with-contents").error == "");
    tree = trial.tree();
    CHECK(tree.at("h").first_link == "f");
    CHECK(read_file(trial.staging() / "g") == "y");

    CHECK(trial.unpack("hardlink-symlink-then-file").error == "");
    tree = trial.tree();
    CHECK(tree.at("s").target == "/etc/passwd");
    CHECK(read_file(trial.staging() / "h") == "x");
    CHECK(trial.changes_outside() == std::vector<std::string>{});
}

TEST_CASE("A10: of two files of one name the last counts; a directory is never replaced",
          "[pull][hostile]") {
    check_refusals({
        {"file-onto-directory", Kind::Corrupt,
         "'d': the archive holds a directory of that name before it"},
        {"hardlink-onto-directory", Kind::Corrupt,
         "'d': the archive holds a directory of that name before it"},
        {"fifo-onto-directory", Kind::Corrupt,
         "'d': the archive holds a directory of that name before it"},
        {"file-under-file", Kind::Corrupt, "'f/g': 'f' is not a directory in this archive"},
    });
    if (::geteuid() != 0) {
        SKIP("needs root: the archives' owner is root");
    }
    Trial trial;
    CHECK(trial.unpack("file-twice").error == "");
    CHECK(read_file(trial.staging() / "f") == "second");
    CHECK(trial.tree().at("f").mode == (S_IFREG | 0600));

    CHECK(trial.unpack("file-over-hardlink").error == "");
    CHECK(read_file(trial.staging() / "f") == "first");
    CHECK(read_file(trial.staging() / "h") == "second");
}

TEST_CASE("a directory that comes twice, by whatever names, is one, and its last header counts",
          "[pull]") {
    if (::geteuid() != 0) {
        SKIP("needs root: the archives' owner is root");
    }
    Trial trial;
    CHECK(trial.unpack("directory-twice").error == "");
    CHECK(trial.tree().at("d").mode == (S_IFDIR | 0711));
    CHECK(shape(trial.tree()) == "d/ d/f");

    CHECK(trial.unpack("directory-by-two-names").error == "");
    CHECK(trial.tree().at("usr/lib/x").mode == (S_IFDIR | 0711));
    CHECK(shape(trial.tree()) == "lib> usr/ usr/lib/ usr/lib/x/");
}

TEST_CASE("directories that the archive does not mention are root's and 0755", "[pull]") {
    if (::geteuid() != 0) {
        SKIP("needs root: the archives' owner is root");
    }
    Trial trial;
    CHECK(trial.unpack("directory-unlisted").error == "");
    const Tree tree = trial.tree();
    for (const char* name : {".", "a", "a/b"}) {
        CHECK(tree.at(name).mode == (S_IFDIR | 0755));
        CHECK(tree.at(name).uid == 0);
        CHECK(tree.at(name).gid == 0);
    }
}

TEST_CASE("a directory that is mentioned behind its contents gets what is said of it", "[pull]") {
    if (::geteuid() != 0) {
        SKIP("needs root: owners");
    }
    Trial trial;
    CHECK(trial.unpack("directory-late").error == "");
    const Tree tree = trial.tree();
    CHECK(shape(tree) == "a/ a/b/ a/b/c a/b/d");
    CHECK(tree.at("a").mode == (S_IFDIR | 0755));
    CHECK(tree.at("a/b").mode == (S_IFDIR | 0500));
    CHECK(tree.at("a/b").uid == 7);
    CHECK(tree.at("a/b").mtime_seconds == 1'000'000'000);
}
