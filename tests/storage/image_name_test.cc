// Which names are valid, and which name a tar gives.

#include "base/error.hh"
#include "storage/image_name.hh"
#include "tests/catch.hh"

using namespace slipway;
using storage::ImageName;

TEST_CASE("a name is valid for an image exactly when machinectl takes it", "[storage]") {
    const std::string long_name(255, 'a');
    for (const std::string& name :
         {std::string("web"), std::string("a b"),
          std::string("."
                      "hidden"),
          std::string("fedora-40_x86.64+1"), std::string("grüße"), std::string("\U0001F600"),
          std::string("-x"), std::string("..."), std::string("#x"), std::string("x.#"),
          std::string("\uFDCF"), std::string("\uFDF0"), std::string("\uFFFD"), long_name}) {
        INFO(name);
        REQUIRE(ImageName::if_valid(name).has_value());
        REQUIRE(ImageName::parse(name).text() == name);
    }
    for (const std::string& name : {std::string(),
                                    std::string("."),
                                    std::string(".."),
                                    std::string("a/b"),
                                    std::string("/"),
                                    std::string("a\nb"),
                                    std::string("a\tb"),
                                    std::string("\x7f"),
                                    std::string("a\0b", 3),
                                    std::string("\xff"),
                                    std::string("\xc0\xaf"),
                                    std::string("\xed\xa0\x80"),
                                    std::string(".#x"),
                                    std::string(".#"),
                                    std::string("\uFDD0"),
                                    std::string("\uFDEF"),
                                    std::string("a\uFFFE"),
                                    std::string("\uFFFF"),
                                    std::string("\U0001FFFE"),
                                    std::string("\U0010FFFF"),
                                    long_name + "a"}) {
        INFO(name);
        REQUIRE_FALSE(ImageName::if_valid(name).has_value());
        REQUIRE_THROWS_AS(ImageName::parse(name), Error);
    }
}

TEST_CASE("the refusal of a name says what is wrong with it", "[storage]") {
    const auto refusal = [](const std::string& name) -> std::string {
        try {
            ImageName::parse(name);
        } catch (const Error& error) {
            REQUIRE(error.kind() == Kind::InvalidArgument);
            return error.what();
        }
        return "";
    };
    REQUIRE(refusal("a/b") == "'a/b' is not a name for an image: it holds a '/'");
    REQUIRE(refusal(".#x") ==
            "'.#x' is not a name for an image: it begins with '.#', as temporary files do");
    REQUIRE(refusal("a\x1b[1m") ==
            "'a\\x1b[1m' is not a name for an image: it holds a control character");
}

TEST_CASE("a tar's name loses one suffix, as machinectl takes it off", "[storage]") {
    const auto name = [](std::string_view file) { return ImageName::from_tar_file(file).text(); };
    REQUIRE(name("jammy-root.tar.xz") == "jammy-root");
    REQUIRE(name("disk.img.raw.xz") == "disk.img.raw.xz");
    REQUIRE(name("stage3-amd64-systemd-20260101T1.tar.xz") == "stage3-amd64-systemd-20260101T1");
    REQUIRE(name("arch-bootstrap-x86_64.tar.zst") == "arch-bootstrap-x86_64");
    REQUIRE(name("my.sysext.raw.gz") == "my.sysext.raw.gz");
    REQUIRE(name("a.tar.gz.xz") == "a.tar.gz.xz");
    REQUIRE(name("a.tar.tar") == "a.tar");
    REQUIRE(name("images") == "images");
    REQUIRE(name("foo.tar.xz") == "foo");
    for (const char* suffix :
         {".tar", ".tar.xz", ".tar.gz", ".tar.bz2", ".tar.zst", ".tar.lz4", ".tgz"}) {
        REQUIRE(name("web" + std::string(suffix)) == "web");
    }
}

TEST_CASE("where no name can be made from a file's the refusal asks for one", "[storage]") {
    for (const char* file : {".tar.xz", "", "..tar", ".#a.tar"}) {
        INFO(file);
        REQUIRE_THROWS_MATCHES(ImageName::from_tar_file(file), Error,
                               Catch::Matchers::Predicate<Error>([](const Error& error) {
                                   return error.kind() == Kind::InvalidArgument &&
                                          std::string(error.what()).ends_with("Give a name");
                               }));
    }
}
