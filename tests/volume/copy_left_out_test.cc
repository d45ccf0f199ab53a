// What a copy does not hold, and what it must not leave out.

#include <array>

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/bytes.hh"
#include "base/error.hh"
#include "tests/catch.hh"
#include "tests/storage/fixture.hh"
#include "tests/volume/copying.hh"

using namespace slipway;
using namespace slipway::volume;
using namespace slipway::tests;

namespace fs = std::filesystem;

TEST_CASE("A14: sockets are left out and counted", "[storage][copy]") {
    const Between place("tmpfs", "tmpfs");
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = place.from / "socket";
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    const Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    REQUIRE(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    write_file(place.from / "file", "");
    const volume::CopiedTree copied = make_copy(place.from, place.to);
    CHECK(copied.sockets.count == 1);
    CHECK(copied.sockets.first == "socket");
    CHECK(copied.entries == 1);
    CHECK(names_in(place.to) == "file");
}

TEST_CASE("mounts below are not entered: empty places stand for them", "[storage][copy]") {
    if (auto why = no_mounts()) {
        SKIP(*why);
    }
    const Between place("ext4", "ext4");
    fs::create_directories(place.from / "a/proc");
    fs::create_directories(place.from / "same");
    fs::create_directories(place.from / "elsewhere/deep");
    write_file(place.from / "same/hidden", "");
    write_file(place.from / "a/resolv.conf", "hidden");
    write_file(place.from / "elsewhere/file", "seen");
    const auto mount = [](const fs::path& what, const fs::path& where, const char* type,
                          unsigned long flags) {
        REQUIRE(::mount(what.c_str(), where.c_str(), type, flags, nullptr) == 0);
    };
    mount("none", place.from / "a/proc", "tmpfs", 0);
    write_file(place.from / "a/proc/inside", "");
    fs::permissions(place.from / "a/proc", fs::perms(0555));
    mount(place.from / "elsewhere", place.from / "same", "", MS_BIND);
    mount("/dev/null", place.from / "a/resolv.conf", "", MS_BIND);
    const volume::CopiedTree copied = make_copy(place.from, place.to);
    for (const char* point : {"a/proc", "same", "a/resolv.conf"}) {
        ::umount2((place.from / point).c_str(), MNT_DETACH);
    }
    CHECK(copied.not_entered == Lines{"a/proc", "a/resolv.conf", "same"});
    CHECK(names_in(place.to / "a") == "proc resolv.conf");
    CHECK(names_in(place.to / "a/proc").empty());
    CHECK(names_in(place.to / "same").empty());
    CHECK(names_in(place.to / "elsewhere") == "deep file");
    CHECK(fs::is_regular_file(place.to / "a/resolv.conf"));
    CHECK(fs::file_size(place.to / "a/resolv.conf") == 0);
    CHECK((fs::status(place.to / "a/proc").permissions() & fs::perms::all) == fs::perms(0555));
}

TEST_CASE("a directory that is to be left out is empty in the copy", "[storage][copy]") {
    const Between place("ext4", "ext4");
    fs::create_directories(place.from / "var/pool/image");
    const Fd pool = open_tree(place.from / "var/pool");
    const volume::CopiedTree copied = make_copy(place.from, place.from / "var/pool/copy",
                                                {.leave_out = volume::inode_id(pool.get())});
    CHECK(copied.not_entered == Lines{"var/pool"});
    CHECK(names_in(place.from / "var/pool/copy/var/pool").empty());
}

TEST_CASE("A15: an attribute that the target cannot hold is refused by name, or counted",
          "[storage][copy]") {
    if (auto why = no_mounts()) {
        SKIP(*why);
    }
    const Between place("xfs", "ext4");
    write_file(place.from / "plain", "");
    fs::create_directory(place.from / "d");
    write_file(place.from / "d/file", "");
    const std::string value(20'000, 'v');
    REQUIRE(::setxattr((place.from / "d/file").c_str(), "user.large", value.data(), value.size(),
                       0) == 0);
    REQUIRE_THROWS_MATCHES(
        make_copy(place.from, place.to), Error,
        failure(Kind::Unsupported,
                "'d/file': this file system cannot hold its attribute 'user.large' of 20000 bytes: "
                "No space left on device. Use another file system, or leave such attributes out "
                "with --skip-unsupported-xattrs"));
    const volume::CopiedTree copied =
        make_copy(place.from, place.to_volume / "again",
                  {.unsupported = volume::UnsupportedAttributes::LeaveOut});
    CHECK(copied.unsupported_attributes.count == 1);
    CHECK(copied.unsupported_attributes.first == "d/file");
}

TEST_CASE("privileged attributes are kept", "[storage][copy]") {
    const std::string kind = GENERATE("ext4", "xfs", "btrfs");
    if (auto why = no_volume(kind)) {
        SKIP(*why);
    }
    const Between place(kind, kind);
    write_file(place.from / "file", "");
    fs::create_symlink("x", place.from / "link");
    const auto set = [&](const char* name, const char* key) {
        REQUIRE(::lsetxattr((place.from / name).c_str(), key, "v", 1, 0) == 0);
    };
    set("file", "trusted.overlay.opaque");
    set("file", "security.test");
    set("link", "trusted.of.a.link");
    make_copy(place.from, place.to);
    CHECK(copy_differences(place.from, place.to) == Lines{});
    CHECK(::lgetxattr((place.to / "link").c_str(), "trusted.of.a.link", nullptr, 0) == 1);
    CHECK(::lgetxattr((place.to / "file").c_str(), "security.test", nullptr, 0) == 1);
}

TEST_CASE("reading leaves no access times", "[storage][copy]") {
    if (auto why = no_loop_fs("ext4")) {
        SKIP(*why);
    }
    const LoopFs volume("ext4", 32 * MiB);
    fs::create_directories(volume / "from/d");
    write_file(volume / "from/d/file", std::string(100'000, 'x'));
    // Older than the last change, so that even "relatime" would set them.
    const std::array old{timespec{1000, 0}, timespec{2000, 0}};
    for (const char* name : {"from/d/file", "from/d", "from"}) {
        REQUIRE(::utimensat(AT_FDCWD, (volume / name).c_str(), old.data(), 0) == 0);
    }
    make_copy(volume / "from", volume / "to");
    for (const char* name : {"from/d/file", "from/d", "from", "to/d/file"}) {
        struct stat info {};
        REQUIRE(::stat((volume / name).c_str(), &info) == 0);
        CHECK(info.st_atim.tv_sec == 1000);
    }
}
