// What slipway-unpack inspect reads of a tree and inspect-disk of a disk, and what they do not.

#include <array>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.hh"
#include "base/error.hh"
#include "base/fd.hh"
#include "base/memfd.hh"
#include "pull/inspector.hh"
#include "tests/catch.hh"
#include "tests/support/programs.hh"

using namespace slipway;
using namespace slipway::tests;
namespace fs = std::filesystem;

namespace {

using Texts = std::map<std::string, std::string>;

struct Root {
    Root() { fs::create_directories(path / "etc"); }
    void write(const std::string& file, const std::string& text) const {
        fs::create_directories((path / file).parent_path());
        write_file(path / file, text);
    }
    pull::SystemIdentity read() const {
        const Fd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        return pull::inspect_tree(fd.get(), {});
    }

    TempDir place;
    fs::path path = place / "root";
};

} // namespace

TEST_CASE("a system tells its names, its number and its release", "[pull][inspect]") {
    const Root root;
    root.write("etc/hostname", "# set by hand\n\n  web1.example.org \n");
    root.write("etc/machine-id", "0123456789abcdef0123456789abcdef\n");
    root.write("etc/machine-info", "DEPLOYMENT=production\n");
    root.write("usr/lib/os-release", "ID=debian\n");
    const pull::SystemIdentity found = root.read();
    CHECK(found.host_name == "web1.example.org");
    CHECK(found.machine_id == "0123456789abcdef0123456789abcdef");
    CHECK(found.machine_info == Texts{{"DEPLOYMENT", "production"}});
    CHECK(found.os_release == Texts{{"ID", "debian"}});
    root.write("etc/os-release", "ID=own\n");
    CHECK(root.read().os_release == Texts{{"ID", "own"}});
}

TEST_CASE("values are quoted as a shell quotes, and nothing is expanded", "[pull][inspect]") {
    const Root root;
    root.write("etc/os-release", "# ID=no\n"
                                 "A=plain\r\n"
                                 "B=\"two words\"\n"
                                 "C='single $A \\ \"x\"'\n"
                                 "D=\"a\\\"b\\$c\\d\"\n"
                                 "E=a\\ b\n"
                                 "F=\n"
                                 "G=one two\n" // not quoted
                                 "H=\"not closed\n"
                                 "1I=x\n"
                                 "J K=x\n"
                                 "no assignment\n"
                                 "L=first\n"
                                 "L=second\n"
                                 "M=\"$(touch /x)\"\n"
                                 "N=last");
    CHECK(root.read().os_release == Texts{{"A", "plain"},
                                          {"B", "two words"},
                                          {"C", "single $A \\ \"x\""},
                                          {"D", "a\"b$c\\d"},
                                          {"E", "a b"},
                                          {"F", ""},
                                          {"L", "second"},
                                          {"M", "$(touch /x)"},
                                          {"N", "last"}});
}

TEST_CASE("A8: a link leads to places in the tree, never out of it", "[pull][inspect]") {
    const Root root;
    const fs::path secret = root.place / "secret";
    write_file(secret, "stolen\n");
    fs::create_symlink(secret, root.path / "etc/hostname");
    fs::create_symlink("../../secret", root.path / "etc/machine-info");
    CHECK(root.read().host_name.empty());
    CHECK(root.read().machine_info.empty());
    root.write(secret.relative_path().string(), "own\n");
    CHECK(root.read().host_name == "own");
    fs::create_symlink("loop", root.path / "etc/loop");
    fs::create_symlink("loop", root.path / "etc/machine-id");
    CHECK(root.read().machine_id.empty());
}

TEST_CASE("what is no small regular text is not said, and nobody waits for it", "[pull][inspect]") {
    const Root root;
    REQUIRE(::mkfifo((root.path / "etc/hostname").c_str(), 0644) == 0);
    fs::create_directory(root.path / "etc/machine-id");
    root.write("etc/machine-info", "A=" + std::string(MiB, 'x') + "\n");
    root.write("etc/os-release", "A=" + std::string(5000, 'x') + "\nB=\xff\nC=1\n");
    const pull::SystemIdentity found = root.read();
    CHECK(found.host_name.empty());
    CHECK(found.machine_id.empty());
    CHECK(found.machine_info.empty());
    CHECK(found.os_release == Texts{{"B", "\\xff"}, {"C", "1"}});
}

TEST_CASE("a number or name that no system has is not said", "[pull][inspect]") {
    const Root root;
    for (const char* id : {"uninitialized\n", "00000000000000000000000000000000\n",
                           "0123456789ABCDEF0123456789ABCDEF\n", "0123\n"}) {
        root.write("etc/machine-id", id);
        CHECK(root.read().machine_id.empty());
    }
    for (const char* name : {"two words\n", "a/b\n", "\x1b[31m\n"}) {
        root.write("etc/hostname", name);
        CHECK(root.read().host_name.empty());
    }
    const Root empty;
    fs::remove(empty.path / "etc");
    const pull::SystemIdentity found = empty.read();
    CHECK(found.host_name.empty());
    CHECK(found.os_release.empty());
}

TEST_CASE("a disk is looked at by its descriptor alone", "[pull][inspect]") {
    const Fd disk = make_memfd();
    write_all(disk.get(), std::string(64 * KiB, 'x'));
    const disk::BootWays garbage = pull::inspect_disk(disk.get(), {});
    CHECK(garbage.container == disk::Way{false, "unknown",
                                         "neither a partition table nor a file system was found "
                                         "on it"});
    CHECK(garbage.machine.why == "no-loader");
    CHECK(garbage.firmware.empty());
    REQUIRE(::ftruncate(disk.get(), 0) == 0);
    CHECK(pull::inspect_disk(disk.get(), {}).machine.why == "empty");
    REQUIRE(::ftruncate(disk.get(), 1 * MiB) == 0);
    REQUIRE(::pwrite(disk.get(), "hsqs", 4, 0) == 4);
    CHECK(pull::inspect_disk(disk.get(), {}).container.reason ==
          "the whole disk is one squashfs file system");
}

TEST_CASE("what is no disk is refused, and nobody waits for it", "[pull][inspect]") {
    std::array<int, 2> ends{};
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
    const Fd out(ends[0]);
    const Fd in(ends[1]);
    try {
        static_cast<void>(pull::inspect_disk(out.get(), {}));
        FAIL("a pipe was taken for a disk");
    } catch (const Error& error) {
        CHECK_THAT(error.what(), contains("cannot tell the size of the disk"));
    }
}
