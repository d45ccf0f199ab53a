// What lies beside an image is copied for its clone.

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "base/bytes.hh"
#include "base/quoted.hh"
#include "storage/staging.hh"
#include "tests/catch.hh"
#include "tests/storage/disk_fixture.hh"
#include "tests/storage/volume.hh"
#include "volume/copy_file.hh"
#include "volume/inode_flags.hh"

using namespace slipway;
using namespace slipway::storage;
using namespace slipway::tests;

namespace {

const ImageName kWeb = ImageName::parse("web");

struct stat look(const std::filesystem::path& path) {
    struct stat info {};
    REQUIRE(::lstat(path.c_str(), &info) == 0);
    return info;
}

/// A pool with the disk 'web', and the administrator's directory.
class Place {
public:
    Place() : Place(std::filesystem::path()) {}
    explicit Place(const std::filesystem::path& volume)
        : pool(volume.empty() ? scratch / "pool" : volume / "pool"), open(pool.open()) {
        open.set_settings_directories({etc.path()});
        store_with(open, disk("web"), "bytes");
    }
    std::vector<std::string> carry(Staging& staging) const {
        return staging.carry_siblings(open, find_image(open, kWeb).value(), {});
    }
    Staging staging() const { return Staging(open, disk("db")); }

    TempDir scratch;
    TempPool pool;
    TempDir etc;
    Pool open;
};

void commit(Staging staging) {
    write_to(staging.root(), "bytes");
    std::move(staging).commit(accepted(), {"{}"}, {});
}

} // namespace

TEST_CASE("P14: a clone gets copies of all siblings, exact but for the name", "[storage][clone]") {
    const std::string kind = GENERATE("ext4", "xfs", "btrfs");
    if (auto why = no_volume(kind)) {
        SKIP(*why);
    }
    INFO(kind);
    const Scratch volume(kind);
    const Place place(volume.path());
    std::string names;
    for (const Sibling one : kSiblings) {
        const auto path = place.pool / sibling_name(kWeb, one);
        if (one == Sibling::TpmState) {
            std::filesystem::create_directory(path);
            write_file(path / "keys", "secret");
            std::filesystem::permissions(path / "keys", std::filesystem::perms(0600));
        } else {
            write_file(path, std::string(suffix(one)));
        }
        names += sibling_name(ImageName::parse("db"), one) + " ";
    }
    const auto secret = place.pool / "web.raw.efinvramstate";
    std::filesystem::permissions(secret, std::filesystem::perms(0640));
    REQUIRE(::chown(secret.c_str(), 0, 12) == 0);
    REQUIRE(::setxattr(secret.c_str(), "user.note", "n", 1, 0) == 0);
    write_file(place.etc / "web.nspawn", "[Exec]");
    {
        Staging staging = place.staging();
        REQUIRE(fmt::format("{}", fmt::join(place.carry(staging), " ")) ==
                names + (place.etc / "db.nspawn").string());
        REQUIRE(list_images(place.open, true).size() == 2); // web, and the directory of its TPM
        REQUIRE_FALSE(std::filesystem::exists(place.etc / "db.nspawn"));
        commit(std::move(staging));
    }
    for (const Sibling one : kSiblings) {
        const auto path = place.pool / sibling_name(ImageName::parse("db"), one);
        REQUIRE((one == Sibling::TpmState ? read_file(path / "keys") == "secret"
                                          : read_file(path) == suffix(one)));
    }
    const auto copy = place.pool / "db.raw.efinvramstate";
    REQUIRE((look(copy).st_mode & 07777U) == 0640);
    REQUIRE(look(copy).st_gid == 12);
    REQUIRE(look(copy).st_mtim.tv_nsec == look(secret).st_mtim.tv_nsec);
    char note = 0;
    REQUIRE(::getxattr(copy.c_str(), "user.note", &note, 1) == 1);
    REQUIRE((look(place.pool / "db.raw.tpmstate/keys").st_mode & 07777U) == 0600);
    REQUIRE(names_in(place.etc.path()) == "db.nspawn web.nspawn");
    REQUIRE(read_file(place.etc / "db.nspawn") == "[Exec]");
}

TEST_CASE("of a clone that is given up no copy stays", "[storage][clone]") {
    const Place place;
    write_file(place.pool / "web.nspawn", "[Exec]");
    write_file(place.etc / "web.nspawn", "[Exec]");
    {
        Staging staging = place.staging();
        place.carry(staging);
        REQUIRE(names_in(place.etc.path()) != "web.nspawn");
    }
    REQUIRE(place.pool.entries() == std::set<std::string>{"web.nspawn", "web.raw"});
    REQUIRE(names_in(place.etc.path()) == "web.nspawn");
}

TEST_CASE("a sibling that is a link is followed, and one to nothing refused", "[storage][clone]") {
    const Place place;
    write_file(place.scratch / "settings", "[Exec]");
    SECTION("to a file") {
        std::filesystem::create_symlink(place.scratch / "settings", place.pool / "web.nspawn");
        Staging staging = place.staging();
        place.carry(staging);
        commit(std::move(staging));
        REQUIRE(S_ISREG(look(place.pool / "db.nspawn").st_mode));
        REQUIRE(read_file(place.pool / "db.nspawn") == "[Exec]");
    }
    SECTION("to nothing") {
        std::filesystem::create_symlink("nowhere", place.pool / "web.nspawn");
        Staging staging = place.staging();
        REQUIRE_THROWS_MATCHES(
            place.carry(staging), Error,
            failure(Kind::NotFound,
                    quoted((place.pool / "web.nspawn").string()) +
                        " belongs to the image and is a link that leads nowhere; nothing was "
                        "stored. Remove it first"));
    }
}

TEST_CASE("what stands under a sibling's new name is neither replaced nor inherited",
          "[storage][clone]") {
    const Place place;
    write_file(place.pool / "web.nspawn", "[Exec]");
    write_file(place.etc / "web.nspawn", "[Exec]");
    Staging staging = place.staging();
    const std::string why = " exists and would be taken for the new image's; nothing was changed. "
                            "Move it away, or give another name";
    const auto before = [&](const std::filesystem::path& path) {
        write_file(path, "other");
        REQUIRE_THROWS_MATCHES(place.carry(staging), Error,
                               failure(Kind::Exists, quoted(path.string()) + why));
        REQUIRE(read_file(path) == "other");
    };
    SECTION("in the pool") {
        before(place.pool / "db.nspawn");
    }
    SECTION("in the pool, of another kind") {
        before(place.pool / "db.verity");
    }
    SECTION("elsewhere") {
        before(place.etc / "db.nspawn");
    }
    const auto meanwhile = [&](const std::filesystem::path& path, const std::string& reason) {
        place.carry(staging);
        write_file(path, "other");
        REQUIRE_THROWS_MATCHES(commit(std::move(staging)), Error,
                               failure(Kind::Exists, quoted(path.string()) + reason));
        REQUIRE(read_file(path) == "other");
        REQUIRE_FALSE(find_image(place.open, ImageName::parse("db")));
    };
    SECTION("in the pool, meanwhile") {
        meanwhile(place.pool / "db.nspawn", " has come to exist meanwhile; nothing was stored. "
                                            "Move it away, or give the image another name");
    }
    SECTION("elsewhere, meanwhile") {
        meanwhile(place.etc / "db.nspawn", why);
    }
}

TEST_CASE("the clone of a disk is copied on write where its source is, and shares its blocks",
          "[storage][clone]") {
    if (auto why = no_volume("btrfs")) {
        SKIP(*why);
    }
    const Scratch volume("btrfs");
    const TempPool pool(volume / "pool");
    const Pool open = pool.open();
    const bool no_cow = GENERATE(false, true);
    const bool in_no_cow_pool = GENERATE(false, true); // hands the flag down to new files
    INFO(no_cow << in_no_cow_pool);
    if (in_no_cow_pool) {
        volume::set_no_cow(open.fd());
    }
    const Fd from(::open((pool / "web.raw").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
    REQUIRE(volume::set_no_cow(from.get(), no_cow));
    write_to(from.get(), std::string(MiB, 'x'));
    StagingSpec what = disk("db");
    what.shares_with = from.get();
    Staging staging(open, what);
    REQUIRE(volume::is_no_cow(staging.root()) == no_cow);
    const auto copied = volume::copy_large_file(from.get(), staging.root(), [](auto) {}, {});
    REQUIRE(copied.shared == volume::Shared::Yes);
    REQUIRE(copied.size_bytes == MiB);
    std::move(staging).commit(accepted(), {"{}"}, {});
    REQUIRE(read_file(pool / "db.raw") == std::string(MiB, 'x'));
}
