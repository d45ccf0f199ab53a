// URLs: what is accepted, what lies beside them, and that secrets are masked.

#include "base/error.hh"
#include "base/url.hh"
#include "tests/catch.hh"

using slipway::Error;
using slipway::Kind;
using slipway::mask_urls;
using slipway::Url;

TEST_CASE("a URL's file name is its last segment, decoded", "[url]") {
    struct Row {
        const char* url;
        const char* name;
    };
    const auto row = GENERATE(
        Row{"http://h/a/b.tar.xz", "b.tar.xz"}, Row{"https://h:8443/b.tar.xz?x=1/2#f", "b.tar.xz"},
        Row{"http://h/images/", "images"}, Row{"http://h/", ""}, Row{"http://h", ""},
        Row{"http://h/a%20b%2B.tar", "a b+.tar"}, Row{"http://h/2026%3A11/x%zz.tar", "x%zz.tar"},
        Row{"file:///srv/x.tar", "x.tar"});
    INFO(row.url);
    CHECK(Url::parse(row.url).file_name() == row.name);
}

TEST_CASE("what is no URL of an image is refused in one line", "[url]") {
    const auto* text = GENERATE("ftp://h/x", "HTTP://h/x", "x.tar", "http://", "http:///x",
                                "http://h/a b", "http://h/\n", "http://h/\xC3\xA4", "file://h/x");
    INFO(text);
    try {
        static_cast<void>(Url::parse(text));
        FAIL("accepted");
    } catch (const Error& error) {
        CHECK(error.kind() == Kind::InvalidArgument);
        CHECK(std::string(error.what()).find('\n') == std::string::npos);
    }
}

TEST_CASE("a sibling keeps the query and encodes its name", "[url]") {
    CHECK(Url::parse("https://u:p@h/d/x.tar?token=s#f").sibling("SHA256SUMS").text() ==
          "https://u:p@h/d/SHA256SUMS?token=s");
    CHECK(Url::parse("http://h/d/x").sibling("a b#.sha256").text() == "http://h/d/a%20b%23.sha256");
    CHECK(Url::parse("http://h/d/e/").sibling("f").text() == "http://h/d/f");
}

TEST_CASE("N13: passwords and tokens of a URL do not survive masking", "[url]") {
    CHECK(Url::parse("https://user:pass@h/x?sig=SECRET&v=1&flag#frag").masked() ==
          "https://…@h/x?sig=…&v=…&flag");
    CHECK(mask_urls("cannot reach https://user:pass@h/x?t=SECRET, giving up") ==
          "cannot reach https://…@h/x?t=… giving up");
    CHECK(mask_urls("no URL here") == "no URL here");
}
