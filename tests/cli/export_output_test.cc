// Files that appear whole or not at all.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/memfd.hh"
#include "cli/export_output.hh"
#include "tests/catch.hh"
#include "tests/support/loop_fs.hh"
#include "tests/support/programs.hh"

using namespace slipway;
using namespace slipway::cli;
using namespace slipway::tests;

namespace {

std::size_t names_in(const std::filesystem::path& directory) {
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator(directory), {}));
}

void check_all(const std::filesystem::path& place) {
    const auto file = place / "file";
    { // abandoned
        const ExportOutput output(file, Overwrite::No);
        write_all(output.fd(), "half");
    }
    CHECK(names_in(place) == 0);
    {
        ExportOutput output(file, Overwrite::No);
        write_all(output.fd(), "whole");
        CHECK_FALSE(std::filesystem::exists(file));
        std::move(output).publish();
    }
    CHECK(read_file(file) == "whole");
    CHECK_THROWS_AS(ExportOutput(file, Overwrite::No), Error);
    {
        ExportOutput output(file, Overwrite::Yes);
        write_all(output.fd(), "newer");
        CHECK(read_file(file) == "whole");
        std::move(output).publish();
    }
    CHECK(read_file(file) == "newer");
    CHECK(names_in(place) == 1);
    std::filesystem::remove(file);
    { // the name was taken meanwhile
        ExportOutput output(file, Overwrite::No);
        write_all(output.fd(), "late");
        write_file(file, "first");
        CHECK_THROWS_AS(std::move(output).publish(), Error);
    }
    CHECK(read_file(file) == "first");
    CHECK(names_in(place) == 1);
}

} // namespace

TEST_CASE("a file appears under its name in one step and replaces only what it may",
          "[cli][export]") {
    const TempDir place;
    check_all(place.path());
}

TEST_CASE("it does so on a file system that has no files without a name", "[cli][export]") {
    if (auto why = no_mounts()) {
        SKIP(*why);
    }
    const TempDir lower;
    const MountedFs ram("tmpfs", "size=4m");
    std::filesystem::create_directories(ram.path() / "upper");
    std::filesystem::create_directories(ram.path() / "work");
    const MountedFs overlay("overlay", "lowerdir=" + lower.path().string() +
                                           ",upperdir=" + (ram.path() / "upper").string() +
                                           ",workdir=" + (ram.path() / "work").string());
    check_all(overlay.path());
}

TEST_CASE("the umask counts for a new file", "[cli][export]") {
    const TempDir place;
    const mode_t before = ::umask(027);
    ExportOutput output(place / "file", Overwrite::No);
    std::move(output).publish();
    ::umask(before);
    struct stat info {};
    REQUIRE(::stat((place / "file").c_str(), &info) == 0);
    CHECK((info.st_mode & 07777) == 0640);
}

TEST_CASE("a replaced file keeps nothing half-written behind", "[cli][export]") {
    const TempDir place;
    write_file(place / "list", "old");
    const Fd directory(::open(place.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    replace_file(directory.get(), "list", "new", 0666);
    CHECK(read_file(place / "list") == "new");
    CHECK(names_in(place.path()) == 1);
}
