// Which image a name means, and whether it is anybody's to change.

#include <fmt/format.h>
#include <sys/mount.h>

#include "storage/changeable.hh"
#include "tests/catch.hh"
#include "tests/storage/fixture.hh"
#include "tests/storage/volume.hh"

using namespace slipway;
using namespace slipway::storage;
using namespace slipway::tests;

namespace {

constexpr ImageClass kClass = ImageClass::Machine;
const ImageName kWeb = ImageName::parse("web");

} // namespace

TEST_CASE("the image of a name is that of the first directory that has it", "[storage]") {
    const TempPool first;
    const TempPool second;
    std::filesystem::create_directory(second / "web");
    const std::vector<std::filesystem::path> search = {first / "missing", first.path(),
                                                       second.path()};
    REQUIRE(find_known_image(search, kWeb, kClass).image.path == second / "web");
    REQUIRE(open_pool_of(search, kWeb, kClass).path() == second.path());
    REQUIRE_THROWS_AS(check_unused(search, kWeb, kClass), Error);
    std::filesystem::create_directory(first / "web");
    REQUIRE(open_pool_of(search, kWeb, kClass).path() == first.path());
}

TEST_CASE("an image that is nowhere is not found, and it is said where it was looked for",
          "[storage]") {
    const TempPool first;
    const TempPool second;
    REQUIRE_NOTHROW(check_unused({first.path(), second.path()}, kWeb, kClass));
    REQUIRE_THROWS_MATCHES(
        find_known_image({first.path()}, kWeb, kClass), Error,
        failure(Kind::NotFound,
                fmt::format("there is no image 'web' in the pool '{}'", first.path().string())));
    REQUIRE_THROWS_MATCHES(
        find_known_image({first.path(), second.path()}, kWeb, kClass), Error,
        failure(Kind::NotFound, fmt::format("there is no image 'web' in any of '{}', '{}'",
                                            first.path().string(), second.path().string())));
}

TEST_CASE("the running system is no image that can be changed", "[storage]") {
    const TempPool pool;
    REQUIRE_THROWS_MATCHES(open_pool_of({pool.path()}, ImageName::parse(".host"), kClass), Error,
                           failure(Kind::InvalidArgument,
                                   "'.host' means the running system itself, which is no image "
                                   "of a pool; nothing was changed"));
}

TEST_CASE("what came with the system is not changed", "[storage]") {
    if (auto why = no_mounts()) {
        SKIP(*why);
    }
    REQUIRE(use_private_mounts());
    REQUIRE(::mount("tmpfs", "/usr/local/lib", "tmpfs", 0, "size=64k") == 0);
    std::filesystem::create_directories("/usr/local/lib/machines/web");
    REQUIRE_THROWS_MATCHES(
        open_pool_of({"/usr/local/lib/machines"}, kWeb, kClass), Error,
        failure(Kind::Denied, "image 'web' came with the system, as "
                              "'/usr/local/lib/machines/web'; nothing was changed. A clone of it "
                              "can be changed"));
    REQUIRE(::umount("/usr/local/lib") == 0);
}

TEST_CASE("an image on a read-only file system is not changed, and that is said", "[storage]") {
    if (auto why = no_mounts()) {
        SKIP(*why);
    }
    const MountedFs disk("tmpfs", "size=64k");
    std::filesystem::create_directory(disk.path() / "web");
    REQUIRE(::mount("none", disk.path().c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr) == 0);
    REQUIRE_THROWS_MATCHES(open_pool_of({disk.path()}, kWeb, kClass), Error,
                           failure_with(Kind::Denied, "; image 'web' was not changed"));
}
