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

std::string tree_word(const std::string& kind) {
    return kind == "btrfs" ? "subvolume" : "directory";
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
