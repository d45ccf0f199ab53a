#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/error.hh"
#include "storage/staging.hh"
#include "tests/catch.hh"
#include "tests/storage/fixture.hh"

using namespace slipway;
using namespace slipway::storage;
using namespace slipway::tests;

TEST_CASE("an image appears under its name with what it holds and where it came from",
          "[storage]") {
    const TempPool pool;
    REQUIRE(store(pool.open(), spec("web"), "one") == pool / "web");
    REQUIRE(state_of(pool.path()) == "web: directory one");
    struct stat info {};
    REQUIRE(::stat((pool / "web").c_str(), &info) == 0);
    REQUIRE((info.st_mode & 07777U) == 0755U);
}

TEST_CASE("a staging that is not committed leaves nothing", "[storage]") {
    const TempPool pool;
    const Pool open = pool.open();
    {
        Staging staging(open, spec("web"));
        fill(staging, "one", 10);
        REQUIRE(pool.entries().size() == 3); // staging, its lock, the name's lock
    }
    REQUIRE(pool.entries().empty());
}
