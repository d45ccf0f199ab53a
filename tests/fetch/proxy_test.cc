// Proxies of the environment: fault N10.

#include "tests/catch.hh"
#include "tests/fetch/fetching.hh"
#include "tests/support/http_server.hh"
#include "tests/support/tls_server.hh"
#include "tests/support/tunnel_proxy.hh"

using namespace slipway;
using namespace slipway::tests;

namespace {

std::string with_password(const HttpServer& proxy) {
    return "http://user:PASSWORD@127.0.0.1:" + std::to_string(proxy.port());
}

std::string masked(const HttpServer& proxy) {
    return "http://…@127.0.0.1:" + std::to_string(proxy.port());
}

void check_names_the_proxy(const std::string& text, const HttpServer& proxy) {
    CHECK_THAT(text, contains("through the proxy '" + masked(proxy) + "'"));
    CHECK_THAT(text, !contains("PASSWORD"));
}

} // namespace

TEST_CASE("N10: http goes through the proxy of the environment, with its credentials", "[fetch]") {
    HttpServer proxy;
    proxy.serve("/image", "content");
    const Variable variable("http_proxy", with_password(proxy));
    const Fetched fetched = fetch_file("http://origin.invalid/image");
    INFO(fetched.failure());
    CHECK(fetched.body == "content");
    CHECK(proxy.requests().at(0).target == "http://origin.invalid/image");
    CHECK(proxy.requests().at(0).header("Proxy-Authorization") == "Basic dXNlcjpQQVNTV09SRA==");
    CHECK(proxy.requests().at(0).header("Authorization").empty());
}

TEST_CASE("N10: no_proxy and an empty environment go straight", "[fetch]") {
    HttpServer server;
    HttpServer proxy;
    server.serve("/image", "content");
    const Variable variable("http_proxy", with_password(proxy));
    const Variable none("no_proxy", "localhost,127.0.0.0/8");
    CHECK(fetch_file(server.url("/image")).body == "content");
    CHECK(proxy.requests().empty());
}

TEST_CASE("N10: a CGI's HTTP_PROXY is not believed", "[fetch]") {
    HttpServer server;
    HttpServer proxy;
    server.serve("/image", "content");
    const Variable variable("HTTP_PROXY", with_password(proxy));
    CHECK(fetch_file(server.url("/image")).body == "content");
    CHECK(proxy.requests().empty());
}

TEST_CASE("N10: a proxy that cannot be reached is named, its password is not", "[fetch]") {
    HttpServer proxy;
    proxy.go_down();
    const char* name = GENERATE("http_proxy", "all_proxy", "ALL_PROXY");
    const Variable variable(name, with_password(proxy));
    const Fetched fetched = fetch_file("http://origin.invalid/image");
    CHECK(fetched.kind() == Kind::Network);
    check_names_the_proxy(fetched.failure(), proxy);
    CHECK_THAT(fetched.failure(), contains("port " + std::to_string(proxy.port())));
}

TEST_CASE("N10: a proxy that wants credentials is named", "[fetch]") {
    HttpServer proxy;
    proxy.always("/image", answering(407));
    proxy.always("origin.invalid:443", answering(407));
    const Variable http("http_proxy", with_password(proxy));
    const Variable https("https_proxy", with_password(proxy));
    const char* url = GENERATE("http://origin.invalid/image", "https://origin.invalid/image");
    const Fetched fetched = fetch_file(url);
    CHECK(fetched.kind() == Kind::Network);
    check_names_the_proxy(fetched.failure(), proxy);
    CHECK_THAT(fetched.failure(), contains("the proxy answered 407: it wants credentials"));
    CHECK(fetched.retries().empty());
}

TEST_CASE("N10: a proxy that refuses to connect is named", "[fetch]") {
    HttpServer proxy;
    const int status = GENERATE(403, 502);
    proxy.always("origin.invalid:443", answering(status));
    const Variable variable("HTTPS_PROXY", with_password(proxy));
    const Fetched fetched = fetch_file("https://origin.invalid/image");
    CHECK(fetched.kind() == Kind::Network);
    check_names_the_proxy(fetched.failure(), proxy);
    CHECK_THAT(fetched.failure(), contains("the proxy answered " + std::to_string(status)));
}

TEST_CASE("N10: a proxy that answers in the origin's place is named", "[fetch]") {
    HttpServer proxy;
    const Variable variable("http_proxy", with_password(proxy));
    const Fetched absent = fetch_file("http://origin.invalid/image");
    CHECK(absent.status() == 404);
    CHECK(std::get<fetch::Status>(absent.answer).proxy == masked(proxy));
    proxy.always("/image", answering(504));
    const Fetched busy = fetch_file("http://origin.invalid/image");
    check_names_the_proxy(busy.failure(), proxy);
    CHECK_THAT(busy.failure(), contains("504"));
}

TEST_CASE("a cut through a proxy is resumed as without", "[fetch]") {
    HttpServer proxy;
    const std::string content = noise(600);
    proxy.serve("/image", content);
    proxy.on("/image", {cut_after(100)});
    const Variable variable("http_proxy", with_password(proxy));
    const Fetched fetched = fetch_file("http://origin.invalid/image");
    CHECK(fetched.is_end());
    CHECK((fetched.body == content));
}

TEST_CASE("N10: https goes through a tunnel, and the proxy's header is not taken for the answer",
          "[fetch]") {
    const TunnelProxy proxy;
    const TestAuthority authority;
    HttpServer server("https", authority.tls(Certificate::Good));
    const std::string content = noise(300'000);
    server.serve("/image", Resource{content, ""});
    const Variable variable("https_proxy",
                            "http://user:PASSWORD@127.0.0.1:" + std::to_string(proxy.port()));
    fetch::Settings settings = quick();
    settings.ca_file = authority.ca_file();
    const Fetched fetched = fetch_file(server.url("/image?token=TOKEN", "localhost"), settings);
    INFO(fetched.failure());
    CHECK(fetched.is_end());
    CHECK((fetched.body == content));
    CHECK(fetched.head().etag.empty());
    CHECK(server.requests().at(0).header("Proxy-Authorization").empty());
    REQUIRE(proxy.requests().size() == 1);
    CHECK_THAT(proxy.requests()[0],
               contains("CONNECT localhost:" + std::to_string(server.port())) &&
                   contains("Proxy-Authorization: Basic dXNlcjpQQVNTV09SRA==") &&
                   !contains("TOKEN"));
}
