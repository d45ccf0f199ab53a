// Redirects and proxies, as tables: faults N10, S12, S13.

#include "base/error.hh"
#include "fetch/location.hh"
#include "tests/catch.hh"

using namespace slipway;
using namespace slipway::fetch;

TEST_CASE("S12: redirects lead to http and https, and never from https down to http",
          "[fetch][location]") {
    CHECK(follow_redirect("http://a/x", "http://a/x", "https://b/y?q#f") == "https://b/y?q#f");
    CHECK(follow_redirect("http://a/x", "http://a/x", "HTTP://b/y") == "http://b/y");
    CHECK(follow_redirect("https://a/x", "https://a/x", "https://b") == "https://b");
    for (const char* to : {"http://a/x", "HTTP://a/x"}) {
        CHECK_THROWS_WITH(follow_redirect("https://a/x", "https://a/x", to),
                          contains("from https down to http"));
    }
    for (const char* to : {"file:///etc/passwd", "ftp://a/x", "gopher://a/x", "javascript:x", "",
                           "http://", "http:///x"}) {
        INFO(to);
        CHECK_THROWS_WITH(follow_redirect("http://a/x", "http://a/x", to),
                          contains("only http and https are followed"));
    }
    CHECK_THROWS_WITH(
        follow_redirect("http://a/x", "http://a/x", "http://b/" + std::string(9000, 'x')),
        contains("over 8192 bytes"));
}

TEST_CASE("S13: credentials go to the host they were given for and to no other",
          "[fetch][location]") {
    const char* given = "http://u:p@host/x";
    CHECK(follow_redirect(given, given, "http://host/y") == "http://u:p@host/y");
    CHECK(follow_redirect(given, given, "http://HOST:80/y") == "http://u:p@HOST:80/y");
    CHECK(follow_redirect(given, given, "http://other/y") == "http://other/y");
    CHECK(follow_redirect(given, given, "http://host:8080/y") == "http://host:8080/y");
    CHECK(follow_redirect(given, given, "https://host/y") == "https://host/y");
    CHECK(follow_redirect(given, "http://other/y", "http://host/z") == "http://u:p@host/z");
    CHECK(follow_redirect(given, given, "http://evil:pw@other/y") == "http://other/y");
    CHECK(follow_redirect(given, given, "http://host@other/y") == "http://other/y");
    CHECK(follow_redirect("http://u:p@[::1]:8/x", given, "http://[::1]:8/y") ==
          "http://u:p@[::1]:8/y");
}

TEST_CASE("N13: a refused redirect shows both ends without their secrets", "[fetch][location]") {
    try {
        follow_redirect("", "https://u:PASS@a/x?t=TOKEN", "http://v:WORD@b/y?t=SECRET");
        FAIL("followed");
    } catch (const Error& error) {
        CHECK(std::string(error.what()) ==
              "'https://…@a/x?t=…' redirects to 'http://…@b/y?t=…': going from https down to http "
              "is refused");
    }
}

TEST_CASE("N10: the proxy is the one that the environment names for the scheme",
          "[fetch][location]") {
    const Proxies proxies{"http://h:1", "https://s:2", "socks5h://a:3", ""};
    CHECK(pick_proxy(proxies, "http://x/") == "http://h:1");
    CHECK(pick_proxy(proxies, "https://x/") == "https://s:2");
    CHECK(pick_proxy({"", "", "a:3", ""}, "http://x/") == "http://a:3");
    CHECK(pick_proxy({"", "", "a:3", ""}, "https://x/") == "http://a:3");
    CHECK(pick_proxy({"h", "", "", ""}, "https://x/").empty());
    CHECK(pick_proxy({}, "http://x/").empty());
}

TEST_CASE("no_proxy names hosts, domains, addresses and networks", "[fetch][location]") {
    struct Row {
        const char* none;
        const char* url;
        bool direct;
    };
    const auto row = GENERATE(
        Row{"*", "http://x/", true}, Row{"example.org", "http://example.org/", true},
        Row{"example.org", "http://EXAMPLE.org:8080/", true},
        Row{"example.org", "http://www.example.org/", true},
        Row{".example.org", "http://example.org/", true},
        Row{"example.org", "http://notexample.org/", false},
        Row{"example.org", "http://example.org.evil/", false}, Row{"a, b,c", "http://c/", true},
        Row{"a b", "http://b/", true}, Row{"a,b", "http://c/", false}, Row{"", "http://c/", false},
        Row{",", "http://c/", false}, Row{"127.0.0.1", "http://127.0.0.1:80/", true},
        Row{"10.0.0.0/8", "http://10.255.0.1/", true},
        Row{"10.0.0.0/9", "http://10.128.0.1/", false},
        Row{"10.0.0.0/9", "http://10.127.0.1/", true},
        Row{"10.0.0.0/33", "http://10.0.0.0/", false}, Row{"0.0.0.0/0", "http://1.2.3.4/", true},
        Row{"10.0.0.0/x", "http://10.0.0.0/", false}, Row{"::1", "http://[::1]:80/", true},
        Row{"fd00::/8", "http://[fd12::1]/", true}, Row{"fd00::/8", "http://10.0.0.1/", false},
        Row{"0.0.1", "http://127.0.0.1/", false}, Row{"host", "http://u:p@host/", true},
        Row{"host.", "http://host/", true});
    INFO(row.none << " " << row.url);
    CHECK(pick_proxy({"http://p", "", "", row.none}, row.url).empty() == row.direct);
}
