// Making an image and giving it its name.

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/error.hh"
#include "storage/features.hh"
#include "storage/staging.hh"
#include "tests/catch.hh"
#include "tests/storage/fixture.hh"
#include "tests/storage/volume.hh"

using namespace slipway;
using namespace slipway::storage;
using namespace slipway::tests;

namespace {

std::string origin_of(const std::filesystem::path& image) {
    std::string value(kMaxProvenanceBytes, '\0');
    const ssize_t size = ::getxattr(image.c_str(), kOriginAttribute, value.data(), value.size());
    return size < 0 ? "" : value.substr(0, static_cast<std::size_t>(size));
}

struct stat look_at(const std::filesystem::path& path) {
    struct stat info {};
    REQUIRE(::lstat(path.c_str(), &info) == 0);
    return info;
}

} // namespace

TEST_CASE("P6: an image appears under its name, with where it came from", "[storage]") {
    const std::string kind = GENERATE(from_range(all_volumes()));
    if (auto why = no_volume(kind)) {
        SKIP(*why);
    }
    INFO(kind);
    const Scratch volume(kind);
    const TempPool pool(volume / "pool");
    const Pool open = pool.open();
    REQUIRE(store(open, spec("web"), "one") == pool / "web");
    REQUIRE(state_of(pool.path()) == "web: " + tree_word(kind) + " one");
    const std::string expected = probe_features(open).xattrs ? R"({"source":"test"})" : "";
    REQUIRE(origin_of(pool / "web") == expected);
    REQUIRE((look_at(pool / "web").st_mode & 07777U) == 0755U);
}

TEST_CASE("P6: an image is marked read-only where the file system can hold the mark, else refused",
          "[storage]") {
    const std::string kind = GENERATE(from_range(all_volumes()));
    if (auto why = no_volume(kind)) {
        SKIP(*why);
    }
    INFO(kind);
    const Scratch volume(kind);
    const TempPool pool(volume / "pool");
    const Pool open = pool.open();
    const StagingSpec wanted = spec("web", Replace::No, ReadOnly::Yes);
    if (kind == "btrfs" || probe_features(open).immutable) {
        store(open, wanted, "one");
        REQUIRE(state_of(pool.path()) == "web: " + tree_word(kind) + " ro one");
        REQUIRE(find_image(open, wanted.name)->read_only);
        remove_image(open, wanted.name);
    } else {
        REQUIRE_THROWS_MATCHES(Staging(open, wanted), Error,
                               failure_with(Kind::Unsupported, "cannot be marked read-only"));
    }
    REQUIRE(state_of(pool.path()).empty());
}

TEST_CASE("a plain directory is made on btrfs when no subvolume is wanted", "[storage]") {
    if (auto why = no_volume("btrfs")) {
        SKIP(*why);
    }
    const Scratch volume("btrfs");
    const TempPool pool(volume / "pool");
    StagingSpec wanted = spec("web", Replace::No, ReadOnly::Yes);
    wanted.subvolume = false;
    store(pool.open(), wanted, "one");
    REQUIRE(state_of(pool.path()) == "web: directory ro one");
}

TEST_CASE("a staging that is not committed leaves nothing", "[storage]") {
    const std::string kind = GENERATE(from_range(all_volumes()));
    if (auto why = no_volume(kind)) {
        SKIP(*why);
    }
    INFO(kind);
    const Scratch volume(kind);
    const TempPool pool(volume / "pool");
    const Pool open = pool.open();
    {
        const Staging staging(open, spec("web"));
        fill(staging, "one", 10);
        REQUIRE(pool.entries().size() == 3); // staging, its lock, the name's lock
        REQUIRE(list_images(open, true).empty());
    }
    REQUIRE(pool.entries().empty());
}

TEST_CASE("a commit that is canceled at any step leaves the old state", "[storage]") {
    const CommitStep step = GENERATE(CommitStep::Sync, CommitStep::Rename);
    const Replace replace = GENERATE(Replace::No, Replace::Yes);
    const TempPool pool;
    const Pool open = pool.open();
    if (replace == Replace::Yes) {
        store(open, spec("web"), "old");
    }
    const std::string before = state_of(pool.path());
    {
        Staging staging(open, spec("web", replace));
        fill(staging, "new");
        REQUIRE_THROWS_AS(std::move(staging).commit(accepted(), {},
                                                    [&](CommitStep now) {
                                                        if (now == step) {
                                                            throw Canceled();
                                                        }
                                                    }),
                          Canceled);
    }
    REQUIRE(state_of(pool.path()) == before);
}

TEST_CASE("C1: a second job for the same name is refused while the first is at work", "[storage]") {
    const TempPool pool;
    const Pool open = pool.open();
    const Staging first(open, spec("web"));
    REQUIRE_THROWS_MATCHES(Staging(open, spec("web")), Error,
                           failure_with(Kind::Busy, "image 'web' is in use by storage_test (PID"));
    const Staging other(open, spec("db"));
}

TEST_CASE("two jobs cannot have the same number", "[storage]") {
    const TempPool pool;
    const Pool open = pool.open();
    StagingSpec one = spec("web");
    StagingSpec two = spec("db");
    two.id = one.id;
    const Staging first(open, one);
    REQUIRE_THROWS_MATCHES(Staging(open, two), Error,
                           failure_with(Kind::Busy, "a job with the same number is at work"));
}

TEST_CASE("C10: a commit refuses when somebody has removed one of its lock files", "[storage]") {
    const TempPool pool;
    const Pool open = pool.open();
    StagingSpec wanted = spec("web");
    const std::string own = ".#slipway-" + wanted.id + ".lck";
    const std::string name = GENERATE(as<std::string>{}, "", ".#web.lck");
    {
        Staging staging(open, wanted);
        fill(staging, "one");
        std::filesystem::remove(pool / (name.empty() ? own : name));
        REQUIRE_THROWS_MATCHES(std::move(staging).commit(accepted(), {}, {}), Error,
                               failure_with(Kind::Busy, "was removed by somebody"));
    }
    REQUIRE(state_of(pool.path()).empty());
}

TEST_CASE("P13: a staging lies in the pool, on its file system", "[storage]") {
    const TempPool pool;
    const Pool open = pool.open();
    const Staging staging(open, spec("web"));
    struct stat in_pool {};
    struct stat in_staging {};
    REQUIRE(::fstat(open.fd(), &in_pool) == 0);
    REQUIRE(::fstat(staging.root(), &in_staging) == 0);
    REQUIRE(in_pool.st_dev == in_staging.st_dev);
}

TEST_CASE("the image inherits neither group nor ACLs of the pool", "[storage]") {
    const std::string kind = GENERATE("ext4", "xfs", "btrfs");
    if (auto why = no_volume(kind)) {
        SKIP(*why);
    }
    const Scratch volume(kind);
    const TempPool pool(volume / "pool");
    REQUIRE(::chown(pool.path().c_str(), 0, 50) == 0);
    std::filesystem::permissions(pool.path(), std::filesystem::perms(02775));
    run_ok({"setfacl", "-d", "-m", "u:1000:rwx", pool.path().string()});
    const mode_t before = ::umask(077);
    store(pool.open(), spec("web"), "one");
    ::umask(before);
    const struct stat info = look_at(pool / "web");
    REQUIRE(info.st_gid == 0);
    REQUIRE((info.st_mode & 07777U) == 0755U);
    for (const char* acl : {"system.posix_acl_access", "system.posix_acl_default"}) {
        REQUIRE(::getxattr((pool / "web").c_str(), acl, nullptr, 0) < 0);
        REQUIRE(errno == ENODATA);
    }
}

TEST_CASE("a note of origin that is too long is refused, not cut", "[storage]") {
    const TempPool pool;
    const Pool open = pool.open();
    {
        Staging staging(open, spec("web"));
        const Provenance origin{std::string(kMaxProvenanceBytes + 1, 'x')};
        REQUIRE_THROWS_MATCHES(std::move(staging).commit(accepted(), origin, {}), Error,
                               failure_with(Kind::Limit, "longer than 2048 bytes"));
    }
    REQUIRE(state_of(pool.path()).empty());
}

TEST_CASE("the name of the running system is not for an image", "[storage]") {
    const TempPool pool;
    const Pool open = pool.open();
    REQUIRE_THROWS_MATCHES(Staging(open, spec(".host")), Error,
                           failure_with(Kind::InvalidArgument, "means the running system itself"));
}

TEST_CASE("P10: quota on btrfs is never switched on", "[storage]") {
    if (auto why = no_volume("btrfs")) {
        SKIP(*why);
    }
    const Volume volume("btrfs");
    const TempPool pool(volume / "pool");
    const Pool open = pool.open();
    store(open, spec("web"), "old");
    store(open, spec("web", Replace::Yes, ReadOnly::Yes), "new");
    probe_features(open);
    remove_image(open, ImageName::parse("web"));
    const RunResult quota = run({"btrfs", "qgroup", "show", volume.path().string()});
    REQUIRE(quota.status != 0);
    REQUIRE_THAT(quota.err, contains("quotas not enabled"));
}

TEST_CASE("P6: where attributes have no room the image is stored, and a note says what is lost",
          "[storage]") {
    if (auto why = no_loop_fs("ext4")) {
        SKIP(*why);
    }
    const LoopFs fs("ext4", 8 * MiB, {{"-b", "1024", "-I", "128"}, ""});
    const TempPool pool(fs / "pool");
    const Pool open = pool.open();
    Staging staging(open, spec("web"));
    REQUIRE(staging.notes() ==
            std::vector<std::string>{fmt::format(
                "the file system of the pool '{}' has no room for attributes: where the image came "
                "from may not be stored with it",
                pool.path().string())});
    std::move(staging).commit(accepted(), {std::string(kMaxProvenanceBytes, 'x')}, {});
    REQUIRE(state_of(pool.path()) == "web: directory");
    REQUIRE(origin_of(pool / "web").empty());
}
