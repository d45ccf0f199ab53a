// The tests' own file systems do what the tests of the store rely on.

#include <fcntl.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "base/fd.hh"
#include "tests/catch.hh"
#include "tests/support/loop_fs.hh"

using namespace slipway;
using namespace slipway::tests;

namespace {

bool write_durably(const std::filesystem::path& path) {
    const Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    return fd && ::write(fd.get(), "x", 1) == 1 && ::fsync(fd.get()) == 0;
}

bool is_mounted(const std::filesystem::path& path) {
    return read_file("/proc/self/mountinfo").find(path.string()) != std::string::npos;
}

} // namespace

TEST_CASE("a loop file system is mounted, remounted with its content, and gone afterwards",
          "[support]") {
    const std::string type = GENERATE("ext4", "xfs", "btrfs");
    if (auto why = no_loop_fs(type)) {
        SKIP(*why);
    }
    std::filesystem::path place;
    std::string device;
    {
        LoopFs fs(type, 320 * MiB);
        place = fs.path();
        device = fs.device();
        REQUIRE(write_durably(fs / "file"));
        fs.unmount();
        REQUIRE_FALSE(std::filesystem::exists(fs / "file"));
        fs.mount();
        REQUIRE(read_file(fs / "file") == "x");
        REQUIRE(is_mounted(place));
    }
    REQUIRE_FALSE(std::filesystem::exists(place));
    REQUIRE_FALSE(is_mounted(place));
}

TEST_CASE("a medium that refuses writes makes the file system fail, a replaced one heals it",
          "[support]") {
    const std::string type = GENERATE("ext4", "xfs", "btrfs");
    if (auto why = no_loop_fs(type)) {
        SKIP(*why);
    }
    LoopFs fs(type, 320 * MiB);
    REQUIRE(write_durably(fs / "before"));
    fs.fail_writes();
    REQUIRE_FALSE(write_durably(fs / "after"));
    fs.restart();
    REQUIRE(read_file(fs / "before") == "x");
    REQUIRE(write_durably(fs / "again"));
}

TEST_CASE("after a power cut what was synced is there and what was not is gone", "[support]") {
    const std::string type = GENERATE("ext4", "xfs", "btrfs");
    if (auto why = no_loop_fs(type)) {
        SKIP(*why);
    }
    LoopFs fs(type, 320 * MiB);
    REQUIRE(write_durably(fs / "synced"));
    write_file(fs / "unsynced", "y");
    fs.cut_power();
    REQUIRE_FALSE(write_durably(fs / "late"));
    fs.restart();
    REQUIRE(read_file(fs / "synced") == "x");
    REQUIRE_FALSE(std::filesystem::exists(fs / "unsynced"));
}
