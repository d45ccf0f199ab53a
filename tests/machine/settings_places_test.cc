// Which file of settings counts.

#include "base/error.hh"
#include "machine/settings_places.hh"
#include "tests/catch.hh"
#include "tests/support/programs.hh"

using namespace slipway;
using namespace slipway::machine;
using namespace slipway::tests;

namespace {

struct Places {
    Places() {
        for (const char* name : {"etc", "run", "pool"}) {
            std::filesystem::create_directory(top / name);
        }
    }
    FoundSettings find() const { return find_settings("web", places); }

    TempDir top;
    SettingsPlaces places{.trusted = {top / "etc", top / "run"}, .beside_image = top / "pool"};
};

} // namespace

TEST_CASE("without a file nothing is said", "[machine]") {
    CHECK_FALSE(Places().find().file);
}

TEST_CASE("the administrator's file stands in place of the publisher's", "[machine]") {
    const Places places;
    write_file(places.top / "pool/web.nspawn", "[Exec]\nHostname=theirs\nUser=theirs\n");
    CHECK(places.find().file->trust == Trust::None);
    CHECK(places.find().file->settings.hostname == "theirs");

    write_file(places.top / "run/web.nspawn", "[Exec]\nHostname=run\n");
    CHECK(places.find().file->trust == Trust::Full);
    CHECK(places.find().file->settings.hostname == "run");
    CHECK_FALSE(places.find().file->settings.user);
    CHECK(places.find().outranked ==
          std::vector<std::filesystem::path>{places.top / "pool/web.nspawn"});

    write_file(places.top / "etc/web.nspawn", "");
    CHECK(places.find().file->settings == Settings());
    CHECK(places.find().outranked.size() == 2);
}

TEST_CASE("a link to nothing in /etc masks the publisher's file", "[machine]") {
    const Places places;
    write_file(places.top / "pool/web.nspawn", "[Exec]\nHostname=theirs\n");
    std::filesystem::create_symlink("/dev/null", places.top / "etc/web.nspawn");
    CHECK(places.find().file->settings == Settings());
}

TEST_CASE("what is no file is an error in /etc, and passed over beside the image", "[machine]") {
    const Places places;
    std::filesystem::create_directory(places.top / "pool/web.nspawn");
    const FoundSettings found = places.find();
    REQUIRE(found.file->ignored.size() == 1);
    CHECK_THAT(text_of(found.file->ignored[0], found.file->path),
               contains("pool/web.nspawn' is ignored: ") && contains("is a directory"));
    std::filesystem::create_directory(places.top / "etc/web.nspawn");
    CHECK_THROWS_WITH(places.find(), contains("is a directory; expected a file"));
}
