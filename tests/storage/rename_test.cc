// Another name for an image, and for all that belongs to it.

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/quoted.hh"
#include "storage/identity.hh"
#include "storage/lock.hh"
#include "storage/plan.hh"
#include "storage/rename.hh"
#include "storage/staging.hh"
#include "tests/catch.hh"
#include "tests/storage/disk_fixture.hh"
#include "tests/storage/holder.hh"
#include "tests/storage/volume.hh"

using namespace slipway;
using namespace slipway::storage;
using namespace slipway::tests;

namespace {

const ImageName kWeb = ImageName::parse("web");
const ImageName kDb = ImageName::parse("db");

Renamed rename(const Pool& pool) {
    return rename_image(pool, kWeb, kDb, {pool.path()});
}

Siblings all_kinds() {
    Siblings siblings;
    for (const Sibling kind : kSiblings) {
        siblings[kind] = std::string(suffix(kind));
    }
    return siblings;
}

/// A refusal that changes nothing.
template <typename Matcher>
void check_refused(const TempPool& pool, const Pool& open, const Matcher& why) {
    const std::string before = contents_of(pool.path());
    REQUIRE_THROWS_MATCHES(rename(open), Error, why);
    REQUIRE(contents_of(pool.path()) == before);
}

} // namespace

TEST_CASE("P14: a renamed image takes its siblings along, in the pool and elsewhere",
          "[storage][rename]") {
    const std::string kind = GENERATE(from_range(all_volumes()));
    if (auto why = no_volume(kind)) {
        SKIP(*why);
    }
    INFO(kind);
    const Scratch volume(kind);
    const TempPool pool(volume / "pool");
    const TempDir etc;
    write_file(etc / "web.nspawn", "[Exec]");
    Pool open = pool.open();
    open.set_settings_directories({etc.path(), etc / "missing"});
    SECTION("a disk with all kinds") {
        store_with(open, disk("web"), "bytes", all_kinds());
        const auto identity = find_identity(open.fd(), "web.raw");
        const Renamed renamed = rename(open);
        REQUIRE(renamed.path == pool / "db.raw");
        REQUIRE(fmt::format("{}", fmt::join(renamed.with, " ")) ==
                "db.nspawn db.roothash db.roothash.p7s db.usrhash db.usrhash.p7s db.verity "
                "db.oci-config db.raw.tpmstate db.raw.efinvramstate " +
                    (etc / "db.nspawn").string());
        REQUIRE(find_identity(open.fd(), "db.raw") == identity);
        REQUIRE(origin_of(pool / "db.raw") == R"({"source":"test"})");
        REQUIRE(contents_of(pool.path()) == "db.nspawn: .nspawn\n"
                                            "db.oci-config: .oci-config\n"
                                            "db.raw.efinvramstate: .raw.efinvramstate\n"
                                            "db.raw.tpmstate: .raw.tpmstate\n"
                                            "db.raw: bytes\n"
                                            "db.roothash.p7s: .roothash.p7s\n"
                                            "db.roothash: .roothash\n"
                                            "db.usrhash.p7s: .usrhash.p7s\n"
                                            "db.usrhash: .usrhash\n"
                                            "db.verity: .verity");
    }
    SECTION("a tree with settings") {
        store_with(open, spec("web"), "tree", {{Sibling::Settings, "[Files]"}});
        REQUIRE(rename(open).path == pool / "db");
        REQUIRE(contents_of(pool.path()) == "db.nspawn: [Files]\ndb/: tree");
    }
    REQUIRE(names_in(etc.path()) == "db.nspawn");
}

TEST_CASE("swtpm's directory follows its machine", "[storage][rename]") {
    const TempPool pool;
    const Pool open = pool.open();
    store_with(open, disk("web"), "bytes");
    std::filesystem::create_directory(pool / "web.raw.tpmstate");
    write_file(pool / "web.raw.tpmstate/tpm2-00.permall", "keys");
    rename(open);
    REQUIRE(pool.entries() == std::set<std::string>{"db.raw", "db.raw.tpmstate"});
    REQUIRE(read_file(pool / "db.raw.tpmstate/tpm2-00.permall") == "keys");
    remove_image(open, kDb);
    REQUIRE(pool.entries().empty());
}

TEST_CASE("a read-only image stays read-only under its new name", "[storage][rename]") {
    const std::string kind = GENERATE("ext4", "xfs", "btrfs");
    if (auto why = no_volume(kind)) {
        SKIP(*why);
    }
    INFO(kind);
    const Scratch volume(kind);
    const TempPool pool(volume / "pool");
    const Pool open = pool.open();
    store_with(open, spec("web", Replace::No, ReadOnly::Yes), "tree",
               {{Sibling::Settings, "[Exec]"}});
    rename(open);
    REQUIRE(state_of(pool.path()) ==
            fmt::format("db.nspawn: file\ndb: {} ro tree", tree_word(kind)));
    // A plain directory of btrfs has the other mark.
    std::filesystem::create_directory(pool / "web");
    tests::set_immutable(pool / "web", true);
    rename_image(open, kWeb, ImageName::parse("third"), {});
    REQUIRE(is_immutable(pool / "third"));
}

TEST_CASE("of a symlinked image the link is renamed, and of a device its node",
          "[storage][rename]") {
    const TempPool pool;
    const TempDir elsewhere;
    const Pool open = pool.open();
    SECTION("a link to a tree") {
        std::filesystem::create_directory(elsewhere / "tree");
        write_file(elsewhere / "tree/id", "outside");
        std::filesystem::create_symlink(elsewhere / "tree", pool / "web");
        rename(open);
        REQUIRE(contents_of(pool.path()) == "db -> " + (elsewhere / "tree").string());
        REQUIRE(names_in(elsewhere.path()) == "tree");
    }
    SECTION("a link to a disk") {
        write_file(elsewhere / "disk", "outside");
        std::filesystem::create_symlink(elsewhere / "disk", pool / "web.raw");
        write_file(pool / "web.nspawn", "[Exec]");
        rename(open);
        REQUIRE(contents_of(pool.path()) ==
                "db.nspawn: [Exec]\ndb.raw -> " + (elsewhere / "disk").string());
    }
    SECTION("a device") {
        if (::mknod((pool / "web").c_str(), S_IFBLK | 0600, makedev(7, 250)) < 0) {
            SKIP("no device nodes can be made here");
        }
        rename(open);
        struct stat info {};
        REQUIRE(::lstat((pool / "db").c_str(), &info) == 0);
        REQUIRE(info.st_rdev == makedev(7, 250));
    }
}

TEST_CASE("a directory that hides a disk leaves the siblings to that", "[storage][rename]") {
    const TempPool pool;
    const Pool open = pool.open();
    std::filesystem::create_directory(pool / "web");
    for (const char* name : {"web.raw", "web.roothash"}) {
        write_file(pool / name, "disk's");
    }
    rename(open);
    REQUIRE(contents_of(pool.path()) == "db/: \nweb.raw: disk's\nweb.roothash: disk's");
}

TEST_CASE("a name that is taken is refused before any change", "[storage][rename]") {
    const TempPool pool;
    const TempPool other;
    const TempDir etc;
    Pool open = pool.open();
    open.set_settings_directories({etc.path()});
    store_with(open, disk("web"), "bytes", {{Sibling::Settings, "[Exec]"}});
    write_file(etc / "web.nspawn", "[Exec]");
    const auto exists = [&](const std::filesystem::path& path, const std::string& why) {
        return failure(Kind::Exists, quoted(path.string()) + " exists" + why);
    };
    SECTION("by an image") {
        std::filesystem::create_directory(pool / "db");
        check_refused(pool, open,
                      failure(Kind::Exists,
                              fmt::format("image 'db' exists (directory '{}'); nothing was "
                                          "changed. Give another name, or remove that one first",
                                          (pool / "db").string())));
    }
    SECTION("by an image elsewhere in the search path") {
        std::filesystem::create_directory(other / "db");
        REQUIRE_THROWS_MATCHES(
            rename_image(open, kWeb, kDb, {other.path(), pool.path()}), Error,
            failure_with(Kind::Exists, fmt::format("(directory '{}')", (other / "db").string())));
    }
    SECTION("by itself") {
        REQUIRE_THROWS_MATCHES(rename_image(open, kWeb, kWeb, {pool.path()}), Error,
                               failure_with(Kind::Exists, "image 'web' exists"));
    }
    SECTION("by what is no image") {
        std::filesystem::create_symlink("nowhere", pool / "db.raw");
        check_refused(pool, open,
                      exists(pool / "db.raw", " and is no image; nothing was changed. Move it "
                                              "away, or give another name"));
    }
    const std::string inherited = " and would be taken for the new image's; nothing was changed. "
                                  "Move it away, or give another name";
    SECTION("by a sibling of the same kind") {
        write_file(pool / "db.nspawn", "other");
        check_refused(pool, open, exists(pool / "db.nspawn", inherited));
    }
    SECTION("by a sibling of another kind, which would speak against the disk") {
        write_file(pool / "db.roothash", "other");
        check_refused(pool, open, exists(pool / "db.roothash", inherited));
    }
    SECTION("by settings elsewhere") {
        write_file(etc / "db.nspawn", "other");
        check_refused(pool, open, exists(etc / "db.nspawn", inherited));
        REQUIRE(names_in(etc.path()) == "db.nspawn web.nspawn");
    }
}

TEST_CASE("settings that cannot be carried end a renaming before any change", "[storage][rename]") {
    if (auto why = no_mounts()) {
        SKIP(*why);
    }
    const TempPool pool;
    const MountedFs etc("tmpfs", "size=64k");
    write_file(etc.path() / "web.nspawn", "[Exec]");
    REQUIRE(::mount("none", etc.path().c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr) == 0);
    Pool open = pool.open();
    open.set_settings_directories({etc.path()});
    store_with(open, disk("web"), "bytes");
    check_refused(pool, open,
                  failure(Kind::Denied,
                          fmt::format("the settings '{}/web.nspawn' belong to image 'web' and lie "
                                      "on a read-only file system; nothing was changed. Make that "
                                      "writable, or move them away",
                                      etc.path().string())));
}

TEST_CASE("P8: an image that is in use is not renamed, and its user is named",
          "[storage][rename]") {
    const TempPool pool;
    const Pool open = pool.open();
    store(open, spec("web"), "tree");
    static std::optional<ImageLock> held;
    const std::string file_name = GENERATE("web", "db"); // the image, or its new name
    const LockHolder holder([&] { held.emplace(open, file_name, LockMode::Shared); });
    REQUIRE_THROWS_MATCHES(
        rename(open), Error,
        failure(Kind::Busy, fmt::format("image '{}' is in use by {}; nothing was changed",
                                        file_name, holder.description())));
    REQUIRE(state_of(pool.path()).find("web: ") != std::string::npos);
}

TEST_CASE("P12: a forged plan of a renaming changes no file elsewhere", "[storage][rename]") {
    const TempPool pool;
    const TempDir other;
    const Pool open = pool.open();
    write_file(other / "web.nspawn", "x");
    std::filesystem::create_directory(pool / "db");
    const HiddenNames names(next_id());
    Plan plan{.name = {},
              .fresh = {},
              .read_only = false,
              .old_name = "web",
              .old = find_identity(open.fd(), "db").value(),
              .old_immutable = false,
              .becomes = "db"};
    plan.move = {{other.path(), "web.nspawn", "db.nspawn",
                  find_identity(AT_FDCWD, other / "web.nspawn").value()}};
    write_plan(open.fd(), names, plan);
    const Swept swept = sweep(open);
    REQUIRE(swept.completed == 1);
    REQUIRE(swept.problems.empty());
    REQUIRE(names_in(other.path()) == "web.nspawn");
    REQUIRE(pool.entries() == std::set<std::string>{"db"});
}
