// Trees of every kind, hostile ones among them, in the test's own process.

#include <thread>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/fd.hh"
#include "export/write_tar.hh"
#include "tests/catch.hh"
#include "tests/export/tree_here.hh"
#include "tests/support/loop_fs.hh"
#include "tests/support/programs.hh"
#include "tests/support/rich_tree.hh"
#include "tests/support/tree.hh"

using namespace slipway;
using namespace slipway::tests;
using Strings = std::vector<std::string>;

namespace {

Strings names_in(const std::string& archive) {
    RunOptions options;
    options.input = archive;
    const std::string listed = run_ok({"tar", "-t", "--quoting-style=escape"}, options);
    Strings names;
    for (std::size_t at = 0; at < listed.size();) {
        const std::size_t end = listed.find('\n', at);
        names.push_back(listed.substr(at, end - at));
        at = end + 1;
    }
    return names;
}

void make_socket(const std::filesystem::path& path) {
    const Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.string().copy(address.sun_path, sizeof address.sun_path - 1);
    REQUIRE(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
}

} // namespace

TEST_CASE("names come sorted by their bytes, a directory before what is in it",
          "[export][write-tar]") {
    const TempDir directory;
    std::filesystem::create_directories(directory / "b/inner");
    for (const char* name : {"b/z", "a", "b/inner/x", "B", "b.c", "\xff", "b/inner2"}) {
        write_file(directory / name, "");
    }
    const TarHere tar = tar_of(directory.path());
    CHECK(names_in(tar.bytes) == Strings{"./", "./B", "./a", "./b/", "./b/inner/", "./b/inner/x",
                                         "./b/inner2", "./b/z", "./b.c", "./\\377"});
    CHECK(tar.written.entries == 10);
    CHECK(tar.bytes.size() == tar.written.size_bytes);
    CHECK(tar.bytes.size() % 10240 == 0);
    CHECK(tar.warnings == Strings{});
}

TEST_CASE("the same tree makes the same bytes, in whatever order its names were made",
          "[export][write-tar]") {
    const TempDir directory;
    const std::vector<int> forth{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    const std::vector<int> back(forth.rbegin(), forth.rend());
    const timespec old[] = {{1700000000, 5}, {1700000000, 5}};
    for (const auto& [top, order] : {std::pair("one", forth), std::pair("two", back)}) {
        std::filesystem::create_directories(directory / top / "d");
        for (const int number : order) {
            const auto path = directory / top / "d" / fmt::format("file-{}", number);
            write_file(path, fmt::format("content {}", number));
            REQUIRE(::setxattr(path.c_str(), number % 2 == 0 ? "user.b" : "user.a", "1", 1, 0) ==
                    0);
            REQUIRE(::setxattr(path.c_str(), number % 2 == 0 ? "user.a" : "user.b", "1", 1, 0) ==
                    0);
            REQUIRE(::utimensat(AT_FDCWD, path.c_str(), old, 0) == 0);
        }
        REQUIRE(::utimensat(AT_FDCWD, (directory / top / "d").c_str(), old, 0) == 0);
        REQUIRE(::utimensat(AT_FDCWD, (directory / top).c_str(), old, 0) == 0);
    }
    const std::string one = tar_of(directory / "one").bytes;
    CHECK(one == tar_of(directory / "two").bytes);
    read_file(directory / "one/d/file-1"); // its time of reading is none of the tree's
    CHECK(one == tar_of(directory / "one").bytes);
}

TEST_CASE("sockets are left out and counted", "[export][write-tar]") {
    const TempDir directory;
    make_socket(directory / "s1");
    make_socket(directory / "s2");
    write_file(directory / "file", "x");
    const TarHere tar = tar_of(directory.path());
    CHECK(names_in(tar.bytes) == Strings{"./", "./file"});
    CHECK(tar.written.sockets == 2);
    CHECK(tar.warnings == Strings{"left out: 2 sockets"});
}

TEST_CASE("what belongs to the image and not to the tree is left out", "[export][write-tar]") {
    const TempDir directory;
    for (const char* name : {"user.slipway.origin", "user.crtime_usec", "user.kept"}) {
        REQUIRE(::setxattr(directory.path().c_str(), name, "12345678", 8, 0) == 0);
    }
    const TarHere tar = tar_of(directory.path());
    CHECK(tar.bytes.find("user.kept") != std::string::npos);
    CHECK(tar.bytes.find("slipway") == std::string::npos);
    CHECK(tar.bytes.find("crtime") == std::string::npos);
    CHECK(tar.warnings == Strings{});
}

TEST_CASE("trusted attributes are kept only when that is asked for", "[export][write-tar]") {
    const TempDir directory;
    write_file(directory / "file", "x");
    if (::setxattr((directory / "file").c_str(), "trusted.test", "1", 1, 0) < 0) {
        SKIP("trusted attributes cannot be set here");
    }
    const TarHere without = tar_of(directory.path());
    CHECK(without.bytes.find("trusted.test") == std::string::npos);
    CHECK(without.warnings ==
          Strings{"left out: 1 attribute of security.*; keep such with --privileged-xattrs"});
    CHECK(tar_of(directory.path(), true).bytes.find("SCHILY.xattr.trusted.test=1\n") !=
          std::string::npos);
}

TEST_CASE("fifos, links that lead out or in circles, and devices are told, never opened",
          "[export][write-tar][hostile]") {
    const TempDir directory;
    REQUIRE(::mkfifo((directory / "fifo").c_str(), 0600) == 0);
    std::filesystem::create_symlink("/etc/shadow", directory / "out");
    std::filesystem::create_symlink("loop2", directory / "loop1");
    std::filesystem::create_symlink("loop1", directory / "loop2");
    std::filesystem::create_symlink(".", directory / "self");
    const TarHere tar = tar_of(directory.path());
    CHECK(names_in(tar.bytes) == Strings{"./", "./fifo", "./loop1", "./loop2", "./out", "./self"});
}

TEST_CASE("a tree 5,000 directories deep is walked with few descriptors",
          "[export][write-tar][hostile]") {
    const TempDir directory;
    constexpr int kDepth = 5000;
    Fd at(::open(directory.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    for (int level = 0; level < kDepth; ++level) {
        REQUIRE(::mkdirat(at.get(), "d", 0755) == 0);
        if (level % 50 == 0) { // to come back to
            REQUIRE(::mkdirat(at.get(), "e", 0755) == 0);
        }
        at.reset(::openat(at.get(), "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        REQUIRE(at);
    }
    const TarHere tar = tar_of(directory.path());
    CHECK(tar.written.entries == kDepth + kDepth / 50 + 1);
    CHECK(names_in(tar.bytes).size() == kDepth + kDepth / 50 + 1);
}

TEST_CASE("another mount is not entered", "[export][write-tar][hostile]") {
    if (auto why = no_mounts()) {
        SKIP(*why);
    }
    const TempDir directory;
    const MountedFs other("tmpfs", "size=1m");
    write_file(other.path() / "secret", "x");
    std::filesystem::create_directory(directory / "m");
    write_file(directory / "z", "");
    run_ok({"mount", "--bind", other.path().string(), (directory / "m").string()});
    const TarHere tar = tar_of(directory.path());
    run_ok({"umount", (directory / "m").string()});
    CHECK(names_in(tar.bytes) == Strings{"./", "./m/", "./z"});
    CHECK(tar.warnings == Strings{"not entered: 1 mount"});
}

TEST_CASE("a file that becomes shorter is filled up and told", "[export][write-tar]") {
    const TempDir directory;
    // Before the one that is cut stands one that takes long enough to be read.
    make_rich_tree((std::filesystem::create_directory(directory / "a"), directory / "a"));
    const auto victim = directory / "victim";
    write_file(victim, std::string(300'000, 'x'));
    const Fd root(::open(directory.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));

    // Cuts the file as soon as its header was written.
    class Cutter final : public stream::Sink {
    public:
        explicit Cutter(std::filesystem::path path) : path_(std::move(path)) {}
        std::span<std::byte> room() override { return buffer_; }
        void advance(std::size_t size) override {
            text_.append(reinterpret_cast<const char*>(buffer_.data()), size);
            if (!cut_ && text_.find("./victim") != std::string::npos) {
                cut_ = true;
                REQUIRE(::truncate(path_.c_str(), 1000) == 0);
            }
        }
        void finish() override {}
        const std::string& text() const { return text_; }

    private:
        std::filesystem::path path_;
        std::vector<std::byte> buffer_ = std::vector<std::byte>(4096);
        std::string text_;
        bool cut_ = false;
    } cutter(victim);
    exports::Counters counters;
    Strings warnings;
    const Fd here(::open(".", O_PATH | O_DIRECTORY | O_CLOEXEC));
    exports::write_tar(root.get(), false, cutter, counters,
                       [&](std::string_view text) { warnings.emplace_back(text); });
    REQUIRE(::fchdir(here.get()) == 0);
    CHECK(warnings ==
          Strings{"'victim' became shorter while it was read: 299000 bytes are zeros in "
                  "the archive"});
    RunOptions options;
    options.input = cutter.text();
    CHECK(run_ok({"tar", "-xO", "./victim"}, options) ==
          std::string(1000, 'x') + std::string(299'000, '\0'));
}

TEST_CASE("what cannot be read is an error that names it", "[export][write-tar]") {
    const TempDir directory;
    write_file(directory / "file", "x");
    std::filesystem::permissions(directory.path(), std::filesystem::perms(0755));
    std::filesystem::permissions(directory / "file", std::filesystem::perms(0));
    std::string message;
    std::jthread([&] {
        // Of this thread alone: the system call, not the library's function.
        if (::syscall(SYS_setresuid, 65534, 65534, 65534) == 0) {
            try {
                tar_of(directory.path());
            } catch (const Error& error) {
                message = error.what();
            }
        }
    }).join();
    CHECK(message == "'file': cannot open it for reading: Permission denied");
}
