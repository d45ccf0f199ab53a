// Profiles of publishers: the shipped ones, and what an administrator writes.

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/catch.hh"
#include "tests/support/programs.hh"
#include "verify/publisher_profile.hh"

using namespace slipway;
using namespace slipway::tests;
using namespace slipway::verify;
using Names = std::vector<std::string>;

namespace {

Names shipped(const std::string& file) {
    const char* sources = std::getenv("SLIPWAY_SOURCES");
    REQUIRE(sources != nullptr);
    const PublisherProfiles profiles =
        load_publisher_profiles({std::string(sources) + "/data/publishers.d"});
    CHECK(profiles.warnings.empty());
    return profiles.documents(Url::parse("https://mirror.example/pub/" + file));
}

PublisherProfiles of(const std::string& text) {
    PublisherProfiles profiles;
    add_profile(profiles, text, "mine.conf");
    return profiles;
}

} // namespace

TEST_CASE("Fedora's document is found by the shape of the file's name", "[verify][profile]") {
    CHECK(
        shipped("Fedora-Cloud-Base-Generic-44-1.7.x86_64.qcow2") ==
        Names{"Fedora-Cloud-44-1.7-x86_64-CHECKSUM", "Fedora-Cloud-images-44-1.7-x86_64-CHECKSUM"});
    CHECK(shipped("Fedora-Cloud-Base-Generic.x86_64-40-1.14.qcow2").front() ==
          "Fedora-Cloud-40-1.14-x86_64-CHECKSUM");
    CHECK(shipped("Fedora-Cloud-Base-UEFI-UKI-45_Beta-1.3.aarch64.qcow2").back() ==
          "Fedora-Cloud-images-45_Beta-1.3-aarch64-CHECKSUM");
    CHECK(shipped("Fedora-Cloud-Base-GCE-44-1.7.x86_64.tar.gz").front() ==
          "Fedora-Cloud-44-1.7-x86_64-CHECKSUM");
    CHECK(shipped("Fedora-Cloud-Base-AmazonEC2.x86_64-41-1.4.raw.xz").front() ==
          "Fedora-Cloud-41-1.4-x86_64-CHECKSUM");
    CHECK(shipped("Fedora-Server-44-1.7.x86_64.qcow2").empty());
    CHECK(shipped("noble-server-cloudimg-amd64.img").empty());
    CHECK(shipped("Fedora-Cloud-" + std::string(300, 'x') + "-44-1.7.x86_64.qcow2").empty());
}

TEST_CASE("a profile may be for some hosts only", "[verify][profile]") {
    const PublisherProfiles profiles =
        of("[Profile]\nFile=(.*)\\.img\nHost=Images.Example.org:8080\nDocument=$1.digests\n");
    CHECK(profiles.warnings.empty());
    CHECK(profiles.documents(Url::parse("http://images.example.org:8080/a.img")) ==
          Names{"a.digests"});
    CHECK(profiles.documents(Url::parse("http://images.example.org/a.img")).empty());
    CHECK(profiles.documents(Url::parse("http://images.example.org:8080/a.img.xz")).empty());
}

TEST_CASE("a wrong profile is passed over, and the line is named", "[verify][profile]") {
    struct Row {
        std::string text;
        std::string warning;
    };
    for (const Row& row : {
             Row{"[Profile]\nFile=(\nDocument=x\n", "line 2: File='(': expected a regular"},
             Row{"[Profile]\nDocument=x\n", "line 2: Document='x': expected a File= before it"},
             Row{"[Profile]\nFile=x\n", "a File= has no Document= behind it"},
             Row{"[Profile]\nFile=x\nDocument=../x\n", "documents lie beside the image"},
             Row{"[Profile]\nFile=x\nHost=a/b\nDocument=x\n", "expected a host"},
             Row{"[Profile]\nFile=x\nKey=x\n", "expected File=, Host= or Document="},
             Row{"[Key]\nFile=x\n", "line 2: [Key] is unknown; expected [Profile]"},
             Row{"File=x\n", "line 1"},
         }) {
        const PublisherProfiles profiles = of(row.text);
        INFO(row.text);
        CHECK(profiles.rules.empty());
        REQUIRE(profiles.warnings.size() == 1);
        CHECK_THAT(profiles.warnings[0], contains("profile 'mine.conf': "));
        CHECK_THAT(profiles.warnings[0], contains(row.warning));
        CHECK_THAT(profiles.warnings[0], contains("; it is passed over"));
    }
}

TEST_CASE("profiles of all places are read by name, earlier places hide and mask",
          "[verify][profile]") {
    const TempDir top;
    const std::string rule = "[Profile]\nFile=a\nDocument=";
    for (const char* place : {"etc", "lib"}) {
        std::filesystem::create_directory(top / place);
    }
    write_file(top / "etc/b.conf", rule + "etc-b\n");
    write_file(top / "etc/c.conf", "");
    write_file(top / "lib/a.conf", rule + "lib-a\n");
    write_file(top / "lib/b.conf", rule + "lib-b\n");
    write_file(top / "lib/c.conf", rule + "lib-c\n");
    write_file(top / "lib/d.txt", rule + "lib-d\n");
    const PublisherProfiles profiles =
        load_publisher_profiles({top / "etc", top / "missing", top / "lib"});
    CHECK(profiles.documents(Url::parse("http://h/a")) == Names{"lib-a", "etc-b"});
}
