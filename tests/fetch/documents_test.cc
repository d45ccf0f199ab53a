// Small documents, fetched into memory.

#include "base/error.hh"
#include "tests/catch.hh"
#include "tests/fetch/fetching.hh"
#include "tests/support/http_server.hh"

using namespace slipway;
using namespace slipway::tests;
using namespace std::chrono_literals;

namespace {

fetch::Document document(fetch::Fetcher& fetcher, const std::string& url,
                         fetch::Cache cache = fetch::Cache::Use) {
    return fetcher.document(Url::parse(url), 1 << 20, cache, {}, {});
}

} // namespace

TEST_CASE("documents come on one connection, absent ones with their status", "[fetch]") {
    HttpServer server;
    server.serve("/SHA256SUMS", "content");
    fetch::Fetcher fetcher = make_fetcher();
    const fetch::Document missing = document(fetcher, server.url("/x.sha256"));
    CHECK(missing.status == 404);
    CHECK(missing.content.empty());
    CHECK(missing.url == server.url("/x.sha256"));
    const fetch::Document found = document(fetcher, server.url("/SHA256SUMS"));
    CHECK(found.status == 200);
    CHECK(found.content == "content");
    CHECK(found.url == server.url("/SHA256SUMS"));
    CHECK(server.connections() == 1);
}

TEST_CASE("a second look asks the caches on the way to look again", "[fetch]") {
    HttpServer server;
    server.serve("/doc", "content");
    fetch::Fetcher fetcher = make_fetcher();
    document(fetcher, server.url("/doc"), fetch::Cache::LookAgain);
    CHECK(server.requests().at(0).header("Cache-Control") == "no-cache");
    CHECK(server.requests().at(0).header("Pragma") == "no-cache");
}

TEST_CASE("a document that cannot be resumed is read afresh", "[fetch]") {
    HttpServer server;
    server.serve("/doc", Resource{"new content", ""});
    server.on("/doc", {cut_after(5).serving(Resource{"old content", ""})});
    fetch::Fetcher fetcher = make_fetcher();
    CHECK(document(fetcher, server.url("/doc")).content == "new content");
}

TEST_CASE("a document that changes for ever is refused", "[fetch]") {
    HttpServer server;
    server.serve("/doc", Resource{"content", ""});
    server.always("/doc", cut_after(5));
    fetch::Fetcher fetcher = make_fetcher();
    CHECK_THROWS_WITH(document(fetcher, server.url("/doc")),
                      contains("gave up after 3 fresh starts") && contains("no strong validator"));
    CHECK(server.requests().size() == 3);
}

TEST_CASE("every failed attempt for a document is told", "[fetch]") {
    HttpServer server;
    server.serve("/doc", "content");
    server.on("/doc", {answering(503), cut_after(3)});
    fetch::Fetcher fetcher = make_fetcher();
    std::vector<std::string> reasons;
    const auto found =
        fetcher.document(Url::parse(server.url("/doc")), 100, fetch::Cache::Use, {},
                         [&](const fetch::Retry& retry) { reasons.push_back(retry.reason); });
    CHECK(found.content == "content");
    CHECK(reasons == std::vector<std::string>{"the server answered 503",
                                              "transfer closed with 4 bytes remaining to read"});
}

TEST_CASE("a document that does not come is an error of the network", "[fetch]") {
    HttpServer server;
    server.always("/doc", answering(503));
    fetch::Fetcher fetcher = make_fetcher();
    try {
        document(fetcher, server.url("/doc"));
        FAIL("it came");
    } catch (const Error& error) {
        CHECK(error.kind() == Kind::Network);
        CHECK_THAT(error.what(), contains("the server answered 503; gave up after 8 retries"));
    }
}
