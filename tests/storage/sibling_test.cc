// What lies beside an image: it comes, is replaced and goes with it.

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "storage/sibling.hh"
#include "storage/staging.hh"
#include "tests/catch.hh"
#include "tests/storage/disk_fixture.hh"
#include "tests/storage/volume.hh"

using namespace slipway;
using namespace slipway::storage;
using namespace slipway::tests;

namespace {

const ImageName kWeb = ImageName::parse("web");

/// One of each kind.
Siblings all_kinds(const std::string& word) {
    Siblings siblings;
    for (const Sibling kind : kSiblings) {
        siblings[kind] = fmt::format("{} {}", word, suffix(kind));
    }
    return siblings;
}

/// One of each kind that a publisher sends: a machine's own outlive whatever replaces their image.
Siblings published_kinds(const std::string& word) {
    Siblings siblings = all_kinds(word);
    std::erase_if(siblings, [](const auto& one) {
        return one.first != Sibling::Settings && !is_proof(one.first);
    });
    return siblings;
}

StagingSpec request(ImageKind kind, Replace replace) {
    StagingSpec what = spec("web", replace);
    what.kind = kind;
    return what;
}

} // namespace

TEST_CASE("siblings are named after the image, not after its file", "[storage][sibling]") {
    std::string names;
    for (const Sibling kind : kSiblings) {
        names += sibling_name(kWeb, kind) + " ";
    }
    REQUIRE(names == "web.nspawn web.roothash web.roothash.p7s web.usrhash web.usrhash.p7s "
                     "web.verity web.oci-config web.raw.tpmstate web.raw.efinvramstate ");
    REQUIRE(sibling_suffix("web.roothash.p7s") == ".roothash.p7s");
    REQUIRE(sibling_suffix("web.raw.tpmstate") == ".raw.tpmstate");
    REQUIRE(sibling_suffix("web.raw").empty());
    REQUIRE(sibling_suffix("web").empty());
}

TEST_CASE("P14: siblings of every kind appear with a disk", "[storage][sibling]") {
    const std::string kind = GENERATE(from_range(all_volumes()));
    if (auto why = no_volume(kind)) {
        SKIP(*why);
    }
    INFO(kind);
    const Scratch volume(kind);
    const TempPool pool(volume / "pool");
    const Pool open = pool.open();
    Staging staging(open, disk("web"));
    fill_with(staging, ImageKind::Disk, "bytes", all_kinds("new"));
    REQUIRE(staging.kept_siblings().empty());
    REQUIRE(list_images(open, true).empty());
    std::move(staging).commit(accepted(), {"{}"}, {});
    REQUIRE(contents_of(pool.path()) == "web.nspawn: new .nspawn\n"
                                        "web.oci-config: new .oci-config\n"
                                        "web.raw.efinvramstate: new .raw.efinvramstate\n"
                                        "web.raw.tpmstate: new .raw.tpmstate\n"
                                        "web.raw: bytes\n"
                                        "web.roothash.p7s: new .roothash.p7s\n"
                                        "web.roothash: new .roothash\n"
                                        "web.usrhash.p7s: new .usrhash.p7s\n"
                                        "web.usrhash: new .usrhash\n"
                                        "web.verity: new .verity");
    struct stat info {};
    for (const Sibling one : kSiblings) {
        REQUIRE(::stat((pool / sibling_name(kWeb, one)).c_str(), &info) == 0);
        REQUIRE((info.st_mode & 07777U) == 0644U);
    }
    remove_image(open, kWeb);
    REQUIRE(pool.entries().empty());
}

TEST_CASE("P14: settings appear with a tree and are removed with it", "[storage][sibling]") {
    const std::string kind = GENERATE(from_range(all_volumes()));
    if (auto why = no_volume(kind)) {
        SKIP(*why);
    }
    INFO(kind);
    const Scratch volume(kind);
    const TempPool pool(volume / "pool");
    const Pool open = pool.open();
    store_with(open, spec("web"), "tree", {{Sibling::Settings, "[Exec]"}});
    REQUIRE(contents_of(pool.path()) == "web.nspawn: [Exec]\nweb/: tree");
    remove_image(open, kWeb);
    REQUIRE(pool.entries().empty());
}

TEST_CASE("a sibling that is asked for again begins empty, one that is dropped does not appear",
          "[storage][sibling]") {
    const TempPool pool;
    const Pool open = pool.open();
    Staging staging(open, disk("web"));
    fill_with(staging, ImageKind::Disk, "bytes",
              {{Sibling::Settings, "a first attempt"}, {Sibling::Verity, "uncovered"}});
    const int again = staging.add_sibling(Sibling::Settings);
    write_to(again, "second");
    staging.drop_sibling(Sibling::Verity);
    staging.drop_sibling(Sibling::UsrHash); // that nobody has added
    std::move(staging).commit(accepted(), {"{}"}, {});
    REQUIRE(contents_of(pool.path()) == "web.nspawn: second\nweb.raw: bytes");
}

TEST_CASE("without --force a sibling that stands already is kept, and that is said",
          "[storage][sibling]") {
    const TempPool pool;
    const Pool open = pool.open();
    const ImageKind kind = GENERATE(ImageKind::Tree, ImageKind::Disk);
    write_file(pool / "web.nspawn", "mine");
    Staging staging(open, request(kind, Replace::No));
    fill_with(staging, kind, "new", {{Sibling::Settings, "theirs"}});
    REQUIRE(staging.kept_siblings() ==
            std::vector<std::string>{fmt::format(
                "'{}' exists and stays; the one that comes with the image is not stored. Use "
                "--force to replace it",
                (pool / "web.nspawn").string())});
    std::move(staging).commit(accepted(), {"{}"}, {});
    REQUIRE(contents_of(pool.path()) ==
            fmt::format("web.nspawn: mine\n{}: new", kind == ImageKind::Disk ? "web.raw" : "web/"));
}

TEST_CASE("a sibling that was in the way and is gone at the commit is no reason to lose ours",
          "[storage][sibling]") {
    const TempPool pool;
    const Pool open = pool.open();
    write_file(pool / "web.nspawn", "mine");
    Staging staging(open, disk("web"));
    fill_with(staging, ImageKind::Disk, "new", {{Sibling::Settings, "theirs"}});
    std::filesystem::remove(pool / "web.nspawn");
    std::move(staging).commit(accepted(), {"{}"}, {});
    REQUIRE(contents_of(pool.path()) == "web.nspawn: theirs\nweb.raw: new");
}

TEST_CASE("C4: a sibling that somebody puts there during the download stays, and nothing is stored",
          "[storage][sibling]") {
    const TempPool pool;
    const Pool open = pool.open();
    {
        Staging staging(open, disk("web"));
        fill_with(staging, ImageKind::Disk, "new", {{Sibling::RootHash, "ours"}});
        write_file(pool / "web.roothash", "theirs");
        REQUIRE_THROWS_MATCHES(
            std::move(staging).commit(accepted(), {}, {}), Error,
            failure(Kind::Exists,
                    fmt::format("'{}' has come to exist meanwhile; nothing was stored. Use --force "
                                "to replace it, or give the image another name",
                                (pool / "web.roothash").string())));
    }
    REQUIRE(contents_of(pool.path()) == "web.roothash: theirs");
}

TEST_CASE("C10: a sibling that somebody removes before the commit is missed",
          "[storage][sibling]") {
    const TempPool pool;
    const Pool open = pool.open();
    const StagingSpec what = disk("web");
    {
        Staging staging(open, what);
        fill_with(staging, ImageKind::Disk, "new", {{Sibling::RootHash, "ours"}});
        std::filesystem::remove(pool / (".#slipway-" + what.id + ".roothash"));
        REQUIRE_THROWS_MATCHES(std::move(staging).commit(accepted(), {}, {}), Error,
                               failure(Kind::Busy, fmt::format("'.#slipway-{}.roothash' was "
                                                               "removed by somebody; nothing was "
                                                               "changed",
                                                               what.id)));
    }
    REQUIRE(pool.entries().empty());
}

TEST_CASE("P7: --force replaces siblings; of the old ones only the settings outlive their image",
          "[storage][sibling]") {
    const std::string volume_kind = GENERATE("ext4", "xfs", "btrfs");
    if (auto why = no_volume(volume_kind)) {
        SKIP(*why);
    }
    const Scratch volume(volume_kind);
    const TempPool pool(volume / "pool");
    const Pool open = pool.open();
    store_with(open, disk("web"), "old", published_kinds("old"));
    SECTION("a disk that brings some") {
        store_with(open, disk("web", Replace::Yes), "new",
                   {{Sibling::RootHash, "new hash"}, {Sibling::Settings, "new settings"}});
        REQUIRE(contents_of(pool.path()) ==
                "web.nspawn: new settings\nweb.raw: new\nweb.roothash: new hash");
    }
    SECTION("a disk that brings none") {
        store_with(open, disk("web", Replace::Yes), "new");
        REQUIRE(contents_of(pool.path()) == "web.nspawn: old .nspawn\nweb.raw: new");
    }
    SECTION("a tree") {
        store_with(open, spec("web", Replace::Yes), "new", {{Sibling::Settings, "new settings"}});
        REQUIRE(contents_of(pool.path()) == "web.nspawn: new settings\nweb/: new");
    }
    SECTION("an immutable one as well") {
        tests::set_immutable(pool / "web.roothash", true);
        tests::set_immutable(pool / "web.usrhash", true);
        store_with(open, disk("web", Replace::Yes), "new", {{Sibling::RootHash, "new hash"}});
        REQUIRE(contents_of(pool.path()) ==
                "web.nspawn: old .nspawn\nweb.raw: new\nweb.roothash: new hash");
    }
    SECTION("one that is a link, which alone goes") {
        const TempDir elsewhere;
        write_file(elsewhere / "hash", "kept");
        std::filesystem::remove(pool / "web.roothash");
        std::filesystem::create_symlink(elsewhere / "hash", pool / "web.roothash");
        store_with(open, disk("web", Replace::Yes), "new", {{Sibling::RootHash, "new hash"}});
        REQUIRE(contents_of(pool.path()) ==
                "web.nspawn: old .nspawn\nweb.raw: new\nweb.roothash: new hash");
        REQUIRE(read_file(elsewhere / "hash") == "kept");
    }
}

TEST_CASE("P7: with --force and nothing to replace, files that stand there are nobody's but the "
          "user's",
          "[storage][sibling]") {
    const TempPool pool;
    const Pool open = pool.open();
    write_file(pool / "web.roothash", "mine");
    write_file(pool / "web.nspawn", "mine");
    store_with(open, disk("web", Replace::Yes), "new", {{Sibling::Settings, "new"}});
    REQUIRE(contents_of(pool.path()) == "web.nspawn: new\nweb.raw: new\nweb.roothash: mine");
}

TEST_CASE("a directory with a sibling's name is an image of its own: it stays, or is refused",
          "[storage][sibling]") {
    const TempPool pool;
    const Pool open = pool.open();
    std::filesystem::create_directory(pool / "web.nspawn");
    Staging staging(open, disk("web"));
    REQUIRE_THROWS_MATCHES(
        staging.add_sibling(Sibling::Settings), Error,
        failure(Kind::Exists, fmt::format("'{}' exists and is not a file; nothing was changed. "
                                          "Move it away, or give the image another name",
                                          (pool / "web.nspawn").string())));
    write_to(staging.root(), "bytes");
    std::move(staging).commit(accepted(), {"{}"}, {});
    remove_image(open, kWeb);
    REQUIRE(contents_of(pool.path()) == "web.nspawn/: ");
}

TEST_CASE("an image's name that is too long for its siblings is refused before the commit",
          "[storage][sibling]") {
    const TempPool pool;
    const Pool open = pool.open();
    const std::string name(245, 'x');
    {
        Staging staging(open, disk(name));
        write_to(staging.add_sibling(Sibling::RootHash), "hash");
        REQUIRE_THROWS_MATCHES(
            staging.add_sibling(Sibling::RootHashSignature), Error,
            failure(Kind::InvalidArgument, fmt::format("'{}' is too long: the image's "
                                                       "'.roothash.p7s' would have more than 255 "
                                                       "bytes in its name",
                                                       name)));
        std::move(staging).commit(accepted(), {"{}"}, {});
    }
    REQUIRE(pool.entries() == std::set<std::string>{name + ".raw", name + ".roothash"});
    REQUIRE_THROWS_MATCHES(Staging(open, disk(std::string(246, 'x'))), Error,
                           failure_with(Kind::InvalidArgument, "is too long: its lock file"));
}
