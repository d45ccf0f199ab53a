// What an image is called when the person names none, or names a file.

#include "base/error.hh"
#include "tests/catch.hh"
#include "transfer/image_name.hh"

using namespace slipway;
using namespace slipway::transfer;

namespace {

std::string pulled(const std::string& url, const std::string& name) {
    Request request;
    request.verb = Verb::PullTar;
    request.url = url;
    request.name = name;
    return settle_name(request).text();
}

std::string imported(const std::string& path, const std::string& name) {
    Request request;
    request.verb = Verb::ImportTar;
    request.path = path;
    request.name = name;
    return settle_name(request).text();
}

} // namespace

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
