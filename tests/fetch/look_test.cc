// What a server says of a file without sending it. Fault S17.

#include "base/error.hh"
#include "tests/catch.hh"
#include "tests/fetch/fetching.hh"
#include "tests/support/http_server.hh"

using namespace slipway;
using namespace slipway::tests;

namespace {

std::variant<fetch::Head, fetch::Status> look(fetch::Fetcher& fetcher, const std::string& url) {
    return fetcher.look(Url::parse(url), fetch::Cache::Use, {}, {});
}

std::vector<std::string> methods(const HttpServer& server) {
    std::vector<std::string> all;
    for (const SeenRequest& request : server.requests()) {
        all.push_back(request.method);
    }
    return all;
}

using Methods = std::vector<std::string>;

} // namespace

TEST_CASE("a look brings size and version, and no byte of the body", "[fetch][look]") {
    HttpServer server;
    server.serve("/image", Resource{noise(3'000'000), "\"v1\"", "Sun, 06 Nov 1994 08:49:37 GMT"});
    server.always("/moved", redirecting_to("/image"));
    fetch::Fetcher fetcher = make_fetcher();
    const auto answer = look(fetcher, server.url("/moved"));
    const auto& head = std::get<fetch::Head>(answer);
    CHECK(head.status == 200);
    CHECK(head.url == server.url("/image"));
    CHECK(head.length_bytes == 3'000'000);
    CHECK(head.etag == "\"v1\"");
    CHECK(head.last_modified == 784111777);
    CHECK(methods(server) == Methods{"HEAD", "HEAD"});
    CHECK(server.connections() == 1);
    CHECK(fetch_file(fetcher, server.url("/image")).body.size() == 3'000'000);
    CHECK(server.connections() == 1); // the image's bytes come on the same one
}

TEST_CASE("S17: where HEAD is refused a GET is given up after the head", "[fetch][look]") {
    HttpServer server;
    server.serve("/image", std::string(30'000'000, 'x'));
    const int status = GENERATE(400, 403, 405, 501);
    server.on("/image", {answering(status)});
    fetch::Fetcher fetcher = make_fetcher();
    const auto answer = look(fetcher, server.url("/image"));
    CHECK(std::get<fetch::Head>(answer).length_bytes == 30'000'000);
    CHECK(methods(server) == Methods{"HEAD", "GET"});
    server.serve("/next", "next");
    CHECK(fetch_file(fetcher, server.url("/next")).body == "next");
    CHECK(server.sent_bytes() < 20'000'000); // what the kernel's buffers took
}

TEST_CASE("a file that is not there is a status, whichever way it is asked for", "[fetch][look]") {
    HttpServer server;
    server.always("/403", answering(403));
    server.always("/401", answering(401));
    fetch::Fetcher fetcher = make_fetcher();
    CHECK(std::get<fetch::Status>(look(fetcher, server.url("/404"))).status == 404);
    CHECK(std::get<fetch::Status>(look(fetcher, server.url("/401"))).status == 401);
    CHECK(methods(server) == Methods{"HEAD", "HEAD"});
    CHECK(std::get<fetch::Status>(look(fetcher, server.url("/403"))).status == 403);
    CHECK(methods(server) == Methods{"HEAD", "HEAD", "HEAD", "GET"});
}

TEST_CASE("a look is retried and given up as a fetch is", "[fetch][look]") {
    HttpServer server;
    server.serve("/image", "content");
    server.on("/image", {answering(503), answering(429)});
    fetch::Fetcher fetcher = make_fetcher();
    std::vector<std::string> attempts;
    const auto answer =
        fetcher.look(Url::parse(server.url("/image")), fetch::Cache::LookAgain, {},
                     [&](const fetch::Retry& retry) { attempts.push_back(retry.reason); });
    CHECK(std::get<fetch::Head>(answer).length_bytes == 7);
    CHECK(attempts ==
          std::vector<std::string>{"the server answered 503", "the server answered 429"});
    CHECK(server.requests().at(0).header("Cache-Control") == "no-cache");
    server.always("/busy", answering(503));
    CHECK_THROWS_WITH(look(fetcher, server.url("/busy")),
                      contains("the server answered 503; gave up after 8 retries"));
}
