// A name that is taken: refused, replaced, taken meanwhile.

#include <filesystem>

#include <fmt/format.h>

#include "storage/lock.hh"
#include "storage/staging.hh"
#include "tests/catch.hh"
#include "tests/storage/fixture.hh"
#include "tests/storage/holder.hh"
#include "tests/storage/volume.hh"

using namespace slipway;
using namespace slipway::storage;
using namespace slipway::tests;

TEST_CASE("P7: a name that exists is refused before anything is fetched", "[storage]") {
    const TempPool pool;
    const Pool open = pool.open();
    store(open, spec("web"), "one");
    write_file(pool / "disk.raw", "x");
    REQUIRE_THROWS_MATCHES(
        Staging(open, spec("web")), Error,
        failure(Kind::Exists, fmt::format("image 'web' exists (directory '{}'); nothing was "
                                          "changed. Use --force to replace it, or give another "
                                          "name",
                                          (pool / "web").string())));
    REQUIRE_THROWS_MATCHES(Staging(open, spec("disk")), Error,
                           failure_with(Kind::Exists, fmt::format("image 'disk' exists (raw '{}')",
                                                                  (pool / "disk.raw").string())));
    REQUIRE(state_of(pool.path()) == "disk.raw: file\nweb: directory one");
}

TEST_CASE("P7: --force puts the new image in the place of the old one", "[storage]") {
    const std::string kind = GENERATE(from_range(all_volumes()));
    if (auto why = no_volume(kind)) {
        SKIP(*why);
    }
    INFO(kind);
    const Scratch volume(kind);
    const TempPool pool(volume / "pool");
    const Pool open = pool.open();
    store(open, spec("web"), "old");
    store(open, spec("web", Replace::Yes), "new");
    REQUIRE(state_of(pool.path()) == "web: " + tree_word(kind) + " new");
    store(open, spec("db", Replace::Yes), "first"); // also when there is nothing to replace
    REQUIRE(state_of(pool.path()) == fmt::format("db: {0} first\nweb: {0} new", tree_word(kind)));
}

TEST_CASE("P7: --force replaces whatever kind of image stands there", "[storage]") {
    const std::string kind = GENERATE("ext4", "xfs", "btrfs");
    const ReadOnly read_only = GENERATE(ReadOnly::No, ReadOnly::Yes);
    if (auto why = no_volume(kind)) {
        SKIP(*why);
    }
    INFO(kind);
    const Scratch volume(kind);
    const TempPool pool(volume / "pool");
    const Pool open = pool.open();
    SECTION("a read-only tree") {
        store(open, spec("web", Replace::No, ReadOnly::Yes), "old");
    }
    SECTION("a read-only directory") {
        std::filesystem::create_directory(pool / "web");
        tests::set_immutable(pool / "web", true);
    }
    SECTION("a raw file") {
        write_file(pool / "web.raw", "old");
    }
    SECTION("an immutable raw file") {
        write_file(pool / "web.raw", "old");
        tests::set_immutable(pool / "web.raw", true);
    }
    SECTION("a symlink, which alone goes") {
        std::filesystem::create_directory(volume / "elsewhere");
        write_file(volume / "elsewhere/id", "kept");
        std::filesystem::create_directory_symlink(volume / "elsewhere", pool / "web");
    }
    store(open, spec("web", Replace::Yes, read_only), "new");
    REQUIRE(state_of(pool.path()) ==
            fmt::format("web: {}{} new", tree_word(kind), read_only == ReadOnly::Yes ? " ro" : ""));
    if (std::filesystem::exists(volume / "elsewhere")) {
        REQUIRE(read_file(volume / "elsewhere/id") == "kept");
    }
}

TEST_CASE("P7: what is no image is not replaced", "[storage]") {
    const TempPool pool;
    const Pool open = pool.open();
    const Replace replace = GENERATE(Replace::No, Replace::Yes);
    write_file(pool / "file", "x");
    std::filesystem::create_symlink("gone", pool / "link");
    for (const char* name : {"file", "link"}) {
        REQUIRE_THROWS_MATCHES(
            Staging(open, spec(name, replace)), Error,
            failure(Kind::Exists, fmt::format("'{}' exists and is not an image; nothing was "
                                              "changed. Move it away, or give another name",
                                              (pool / name).string())));
    }
    REQUIRE(state_of(pool.path()) == "file: file\nlink: link");
}

TEST_CASE("C4: a name that is taken during the download is refused, the other's image stays",
          "[storage]") {
    const std::string kind = GENERATE(from_range(all_volumes()));
    if (auto why = no_volume(kind)) {
        SKIP(*why);
    }
    INFO(kind);
    const Scratch volume(kind);
    const TempPool pool(volume / "pool");
    const Pool open = pool.open();
    SECTION("by a tree") {
        std::filesystem::create_directory(pool / "web");
    }
    SECTION("by a raw file") {
        write_file(pool / "web.raw", "theirs");
    }
    const std::string theirs = state_of(pool.path());
    std::filesystem::path aside = pool.path().parent_path() / "aside";
    for (const auto& entry : std::filesystem::directory_iterator(pool.path())) {
        aside += entry.path().extension();
        std::filesystem::rename(entry.path(), aside);
    }
    {
        Staging staging(open, spec("web"));
        fill(staging, "one");
        std::filesystem::rename(aside, pool / ("web" + aside.extension().string()));
        REQUIRE_THROWS_MATCHES(std::move(staging).commit(accepted(), {}, {}), Error,
                               failure_with(Kind::Exists, "image 'web' exists"));
    }
    REQUIRE(state_of(pool.path()) == theirs);
}

TEST_CASE("C4: an image that another tool puts there during a --force is replaced as well",
          "[storage]") {
    const TempPool pool;
    const Pool open = pool.open();
    const bool existed = GENERATE(false, true);
    if (existed) {
        store(open, spec("web"), "old");
    }
    Staging staging(open, spec("web", Replace::Yes));
    fill(staging, "new");
    std::filesystem::remove_all(pool / "web");
    std::filesystem::create_directory(pool / "web");
    write_file(pool / "web/id", "other");
    std::move(staging).commit(accepted(), {}, {});
    REQUIRE(state_of(pool.path()) == "web: directory new");
}

TEST_CASE("C4: an image that disappears during a --force is no reason to fail", "[storage]") {
    const TempPool pool;
    const Pool open = pool.open();
    store(open, spec("web"), "old");
    Staging staging(open, spec("web", Replace::Yes));
    fill(staging, "new");
    std::filesystem::remove_all(pool / "web");
    std::move(staging).commit(accepted(), {}, {});
    REQUIRE(state_of(pool.path()) == "web: directory new");
}

TEST_CASE("C4: an image that is put there during a --force and is in use is not replaced",
          "[storage]") {
    const TempPool pool;
    const Pool open = pool.open();
    if (auto why = use_private_run()) {
        SKIP(*why);
    }
    std::filesystem::create_directory(pool.path().parent_path() / "other");
    const LockHolder holder([&] { // by its inode; the name's lock file is ours
        static const ImageLock held(Pool::open(pool.path().parent_path()), "other",
                                    LockMode::Exclusive);
    });
    {
        Staging staging(open, spec("web", Replace::Yes));
        fill(staging, "new");
        std::filesystem::rename(pool.path().parent_path() / "other", pool / "web");
        REQUIRE_THROWS_MATCHES(
            std::move(staging).commit(accepted(), {}, {}), Error,
            failure_with(Kind::Busy, "image 'web' is in use by " + holder.description()));
    }
    REQUIRE(state_of(pool.path()) == "web: directory");
}

TEST_CASE("P6: an image in a lower layer of an overlay is refused as such and stays", "[storage]") {
    if (auto why = no_volume("overlay")) {
        SKIP(*why);
    }
    const MountedFs layers("tmpfs", "size=16m");
    for (const char* layer : {"lower/pool/web", "upper", "work"}) {
        std::filesystem::create_directories(layers.path() / layer);
    }
    write_file(layers.path() / "lower/pool/web/id", "old");
    const MountedFs overlay("overlay",
                            fmt::format("lowerdir={0}/lower,upperdir={0}/upper,workdir={0}/work,"
                                        "redirect_dir=off",
                                        layers.path().string()));
    const Pool pool = Pool::open(overlay.path() / "pool");
    REQUIRE_THROWS_MATCHES(store(pool, spec("web", Replace::Yes), "new"), Error,
                           failure(Kind::Unsupported,
                                   "image 'web' lies in a lower layer of an overlay and cannot be "
                                   "exchanged; nothing was changed"));
    REQUIRE_THROWS_MATCHES(remove_image(pool, ImageName::parse("web")), Error,
                           failure(Kind::Unsupported,
                                   "image 'web' lies in a lower layer of an overlay and cannot be "
                                   "taken away in one step; nothing was changed"));
    REQUIRE(state_of(pool.path()) == "web: directory old");
    store(pool, spec("db"), "new");
    REQUIRE(state_of(pool.path()) == "db: directory new\nweb: directory old");
}
