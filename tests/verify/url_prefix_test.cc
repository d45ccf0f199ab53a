// What is one place and what are two.

#include <algorithm>
#include <string>

#include "base/error.hh"
#include "tests/catch.hh"
#include "verify/url_prefix.hh"

using namespace slipway;
using namespace slipway::verify;

namespace {

bool lies_below(const std::string& prefix, const std::string& url) {
    return covers(parse_url_prefix(prefix), normalised_place(Url::parse(url)));
}

} // namespace

TEST_CASE("two spellings of a place are one", "[verify][keys]") {
    struct Row {
        const char* url;
        const char* place;
    };
    for (const Row& row : {
             Row{"https://Host.Example/A/b", "https://host.example/A/b"},
             Row{"https://host:443/a", "https://host/a"},
             Row{"https://host:0443/a", "https://host/a"},
             Row{"https://host:/a", "https://host/a"},
             Row{"http://host:80/a", "http://host/a"},
             Row{"http://host:443/a", "http://host:443/a"},
             Row{"https://host./a", "https://host/a"},
             Row{"https://host.:8443/a", "https://host:8443/a"},
             Row{"https://user:secret@host/a", "https://host/a"},
             Row{"https://h%6Fst/a", "https://host/a"},
             Row{"https://h%3A80/a", "https://h%3a80/a"},
             Row{"https://h%40evil/a", "https://h%40evil/a"},
             Row{"https://./a", "https://./a"},
             Row{"https://host../a", "https://host../a"}, // no name of a host
             Row{"https://[::1]:443/a", "https://[::1]/a"},
             Row{"https://[::1]:8443/a", "https://[::1]:8443/a"},
             Row{"https://host", "https://host/"},
             Row{"https://host?token=x", "https://host/"},
             Row{"https://host/a?b=/c/..#d", "https://host/a"},
             Row{"https://host/a/./b/../c", "https://host/a/c"},
             Row{"https://host/../../a", "https://host/a"},
             Row{"https://host/a/..", "https://host/"},
             Row{"https://host/a/b/.", "https://host/a/b/"},
             Row{"https://host/a/%2e%2E/b", "https://host/b"},
             Row{"https://host/a/.%2e/b", "https://host/b"},
             Row{"https://host/%7Euser/%61", "https://host/~user/a"},
             Row{"https://host/x%3Ay", "https://host/x:y"},
             Row{"https://host/a%2fb", "https://host/a%2Fb"},
             Row{"https://host/a%2F..%2Fb", "https://host/a%2F..%2Fb"},
             Row{"https://host/%252e%252e/a", "https://host/%252e%252e/a"},
             Row{"https://host/100%", "https://host/100%25"},
             Row{"https://host/a//b", "https://host/a//b"},
             Row{"https://host//a/", "https://host//a/"},
             Row{"https://host/a//../b", "https://host/a/b"},
             Row{"file:///srv/%69mages/a.tar", "file:///srv/images/a.tar"},
         }) {
        INFO(row.url);
        CHECK(normalised_place(Url::parse(row.url)) == row.place);
        CHECK(normalised_place(Url::parse(row.place)) == row.place);
    }
}

TEST_CASE("G11: a prefix covers what lies below it, and none of the tricks", "[verify][keys]") {
    struct Row {
        const char* prefix;
        const char* url;
        bool below;
    };
    for (const Row& row : {
             Row{"https://host/o/", "https://host/o/a.img", true},
             Row{"https://host/o", "https://host/o/a.img", true},
             Row{"HTTPS://Host:443/o/", "https://host/o/x/y/a.img", true},
             Row{"https://host/o/", "https://host/o", true},
             Row{"https://host", "https://host/a.img", true},
             Row{"https://host/", "https://host:443//a.img", true},
             Row{"https://host/o/", "https://user:pw@HOST.:443/x/../o/a.img?token=1#x", true},
             Row{"https://user@host/o/", "https://host/o/a.img", true},
             Row{"https://host/o/../p/", "https://host/p/a.img", true},
             Row{"https://host:8443/", "https://host:8443/a.img", true},
             Row{"file:///srv/images/", "file:///srv/images/a.img", true},
             // Hosts that begin with ours, or have it where the user stands.
             Row{"https://host/", "https://host.evil/a.img", false},
             Row{"https://host", "https://host.evil/a.img", false},
             Row{"https://host", "https://hostevil/a.img", false},
             Row{"https://host/", "https://host@evil/a.img", false},
             Row{"https://host/", "https://host:443@evil/a.img", false},
             Row{"https://host/", "https://evil/host/a.img", false},
             Row{"https://host/", "https://evil?https://host/a.img", false},
             Row{"https://host/", "https://evil#@host/a.img", false},
             Row{"https://host/", "https://evil%2F@host.evil/a.img", false},
             Row{"https://host/", "https://sub.host/a.img", false},
             Row{"https://host/", "https://host:8443/a.img", false},
             Row{"https://host:8443/", "https://host/a.img", false},
             // Another scheme is another place.
             Row{"https://host/", "http://host/a.img", false},
             Row{"http://host/", "https://host/a.img", false},
             Row{"http://host/", "https://host:80/a.img", false},
             Row{"file:///", "https://host/a.img", false},
             // Whole segments, after they are resolved, in their own case.
             Row{"https://host/o", "https://host/os/a.img", false},
             Row{"https://host/o/", "https://host/os/a.img", false},
             Row{"https://host/o/", "https://host/O/a.img", false},
             Row{"https://host/o/", "https://host/o/../a.img", false},
             Row{"https://host/o/", "https://host/o/%2e%2e/a.img", false},
             Row{"https://host/o/", "https://host/o/.%2E/a.img", false},
             Row{"https://host/o/", "https://host/o%2Fa.img", false},
             Row{"https://host/o/", "https://host/?/o/a.img", false},
             Row{"https://host/o/", "https://host//o/a.img", false},
             Row{"https://host/o//", "https://host/o/a.img", false},
         }) {
        INFO(row.prefix << " and " << row.url);
        CHECK(lies_below(row.prefix, row.url) == row.below);
    }
}

TEST_CASE("what is no prefix of URLs is refused", "[verify][keys]") {
    for (const char* text :
         {"", "host/o", "ftp://host/", "https://", "https:///o", "https://host/?",
          "https://host/o?a=b", "https://host/#x", "https://host/a b", "https://h\xc3\xb6st/"}) {
        INFO(text);
        CHECK_THROWS_AS(parse_url_prefix(text), Error);
    }
    CHECK_THROWS_WITH(parse_url_prefix("https://host/o?token=secret"),
                      contains("holds a query or a fragment") && !contains("secret"));
}
