// What an image is called when the person names none, or names a file.

#include "base/error.hh"
#include "tests/catch.hh"
#include "transfer/image_name.hh"

using namespace slipway;
using namespace slipway::transfer;

namespace {

std::string pulled(const std::string& url, const std::string& name, Verb verb = Verb::PullTar) {
    Request request;
    request.verb = verb;
    request.url = url;
    request.name = name;
    return settle_name(request).text();
}

std::string imported(const std::string& path, const std::string& name,
                     Verb verb = Verb::ImportTar) {
    Request request;
    request.verb = verb;
    request.path = path;
    request.name = name;
    return settle_name(request).text();
}

std::string brought(const std::string& directory, const std::string& name) {
    Request request;
    request.verb = Verb::ImportFs;
    request.path = directory;
    request.name = name;
    return settle_name(request).text();
}

} // namespace

TEST_CASE("a directory's name is the image's, whole", "[transfer][name]") {
    CHECK(brought("/srv/web", "") == "web");
    CHECK(brought("/srv/web.tar/", "-") == "web.tar");
    CHECK(brought("/srv/web/.", "") == "web");
    CHECK(brought("/srv/web/../db//", "") == "db");
    CHECK(brought("/srv/web", "db.raw") == "db.raw");
    CHECK_THROWS_WITH(brought("/", ""),
                      "what is imported has no name of its own to call the image by; give a name");
    CHECK_THROWS_AS(brought("/srv/.#hidden", ""), Error);
}

TEST_CASE("a name that is not given comes from the URL as machinectl derives it",
          "[transfer][name]") {
    const auto [url, name] = GENERATE(table<std::string, std::string>({
        {"http://h/jammy-root.tar.xz?x=1", "jammy-root"},
        {"http://h/disk.img.raw.xz", "disk.img.raw.xz"},
        {"http://h/arch-bootstrap-x86_64.tar.zst", "arch-bootstrap-x86_64"},
        {"http://h/a.tar.gz.xz", "a.tar.gz.xz"},
        {"http://h/images/", "images"},
        {"http://h/a.tgz#part", "a"},
        {"http://h/a%20b.tar", "a%20b"},
        {"file:///srv/a.tar", "a"},
    }));
    CAPTURE(url);
    CHECK(pulled(url, "") == name);
    CHECK(pulled(url, "-") == name);
}

TEST_CASE("a disk's name loses every suffix, as machinectl takes them off", "[transfer][name]") {
    const auto [url, name] = GENERATE(table<std::string, std::string>({
        {"http://h/jammy-root.tar.xz?x=1", "jammy-root.tar"},
        {"http://h/disk.img.raw.xz", "disk"},
        {"http://h/my.sysext.raw.gz", "my"},
        {"http://h/a.tar.gz.xz", "a.tar"},
        {"http://h/images/", "images"},
        {"http://h/debian-12-nocloud-amd64.qcow2", "debian-12-nocloud-amd64"},
        {"http://h/flatcar_production_image.bin.bz2", "flatcar_production_image"},
        {"http://h/a.lz4", "a"},
        {"http://h/raw", "raw"},
        {"file:///srv/a.img.zst", "a"},
    }));
    CAPTURE(url);
    CHECK(pulled(url, "", Verb::PullRaw) == name);
    CHECK(pulled(url, "-", Verb::PullRaw) == name);
    CHECK(pulled("http://h/x", "foo.raw", Verb::PullRaw) == "foo");
    CHECK(pulled("http://h/x", "foo.tar", Verb::PullRaw) == "foo.tar");
    CHECK(imported("/tmp/foo.qcow2.xz", "", Verb::ImportRaw) == "foo");
    CHECK(imported("/tmp/foo", "bar.img", Verb::ImportRaw) == "bar");
    CHECK_THROWS_AS(pulled("http://h/.raw.xz", "", Verb::PullRaw), Error);
}

TEST_CASE("a name that is given loses one suffix, too", "[transfer][name]") {
    CHECK(pulled("http://h/x.tar", "web") == "web");
    CHECK(pulled("http://h/x.tar", "web.tar.xz") == "web");
    CHECK(pulled("http://h/", "web.raw") == "web.raw");
    CHECK(imported("/tmp/a.tar.gz", "") == "a");
    CHECK(imported("/tmp/a.tar.gz", "b") == "b");
    CHECK(imported("", "b") == "b");
}

TEST_CASE("where no name can be derived one is asked for", "[transfer][name]") {
    CHECK_THROWS_WITH(pulled("http://h/", ""),
                      "the URL ends in no file name to call the image by; give a name");
    CHECK_THROWS_WITH(imported("", "-"),
                      "what is imported has no file name to call the image by; give a name");
    CHECK_THROWS_AS(pulled("http://h/.tar", ""), Error);
    CHECK_THROWS_AS(pulled("http://h/x.tar", "a/b"), Error);
}

TEST_CASE("the name of an image to be removed is taken as it is", "[transfer][name]") {
    Request request;
    request.verb = Verb::Remove;
    request.name = "web.tar";
    CHECK(settle_name(request).text() == "web.tar");
}
