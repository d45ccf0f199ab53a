// --verify and the places of keys.

#include <filesystem>
#include <string>

#include "base/error.hh"
#include "tests/catch.hh"
#include "tests/support/programs.hh"
#include "verify/policy.hh"

using namespace slipway;
using namespace slipway::verify;
using slipway::tests::TempDir;
using slipway::tests::write_file;
namespace fs = std::filesystem;

TEST_CASE("--verify takes the modes by their words", "[verify][policy]") {
    for (const Mode mode : {Mode::No, Mode::Checksum, Mode::Signature}) {
        CHECK(parse_policy(word(mode)).mode == mode);
    }
    CHECK(Policy{}.mode == Mode::Signature);
}

TEST_CASE("--verify takes a digest in either case, its algorithm by its length",
          "[verify][policy]") {
    const Policy policy = parse_policy(std::string(64, 'A'));
    CHECK(policy.mode == Mode::Digest);
    CHECK(policy.algorithm == stream::Algorithm::Sha256);
    CHECK(policy.digest == std::string(64, 'a'));
    CHECK(parse_policy(std::string(96, '0')).algorithm == stream::Algorithm::Sha384);
    CHECK(parse_policy(std::string(128, '0')).algorithm == stream::Algorithm::Sha512);
}

TEST_CASE("D19: a digest of another length or alphabet is refused with what was expected",
          "[verify][policy]") {
    for (const std::string& bad :
         {std::string(63, 'a'), std::string(65, 'a'), std::string(32, 'a'), std::string(64, 'g'),
          " " + std::string(63, 'a'), std::string("sha256"), std::string(), std::string("digest"),
          std::string("Signature")}) {
        CHECK_THROWS_WITH(parse_policy(bad),
                          contains("expected no, checksum, signature, or a digest of 64"));
    }
    CHECK_THROWS_WITH(parse_policy(std::string(63, 'a')), contains("(these are 63 characters)"));
}

TEST_CASE("keys come from three places, then from the peers' rings", "[verify][keyrings]") {
    const TempDir root;
    const fs::path etc = root / "etc/slipway/keys.d";
    const fs::path vendor = root / "usr/lib/slipway/keys.d";
    fs::create_directories(etc);
    fs::create_directories(vendor);
    write_file(vendor / "b.asc", "key");
    write_file(etc / "c.gpg", "key");
    write_file(vendor / "a.pgp", "key");
    write_file(etc / "README", "no key");
    write_file(etc / "c.conf", "no key");
    const std::vector<fs::path> expected{
        vendor / "a.pgp",
        vendor / "b.asc",
        etc / "c.gpg",
        root / "etc/systemd/import-pubring.pgp",
        root / "etc/systemd/import-pubring.gpg",
        root / "usr/lib/systemd/import-pubring.pgp",
        root / "usr/lib/systemd/import-pubring.gpg",
    };
    CHECK(keyrings_below(root.path()) == expected);
}

TEST_CASE("a same-named file in an earlier place hides or masks the later", "[verify][keyrings]") {
    const TempDir root;
    const fs::path etc = root / "etc/slipway/keys.d";
    const fs::path run = root / "run/slipway/keys.d";
    const fs::path vendor = root / "usr/lib/slipway/keys.d";
    for (const fs::path& directory : {etc, run, vendor}) {
        fs::create_directories(directory);
    }
    write_file(vendor / "hidden.asc", "old");
    write_file(run / "hidden.asc", "new");
    write_file(vendor / "empty.asc", "key");
    write_file(etc / "empty.asc", "");
    write_file(vendor / "null.asc", "key");
    fs::create_symlink("/dev/null", run / "null.asc");
    const std::vector<fs::path> rings = keyrings_below(root.path());
    REQUIRE(rings.size() == 5);
    CHECK(rings[0] == run / "hidden.asc");
}
