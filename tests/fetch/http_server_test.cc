// The fixture itself: what other tests rely on, seen through curl(1)'s independent eyes.

#include "tests/catch.hh"
#include "tests/support/http_server.hh"
#include "tests/support/programs.hh"

using namespace slipway::tests;
using namespace std::chrono_literals;

namespace {

RunResult curl(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"curl", "-sS", "--noproxy", "*"});
    return run(arguments);
}

} // namespace

TEST_CASE("the test server serves, cuts, lies and goes on as usual", "[fixture]") {
    HttpServer server;
    server.serve("/x", "0123456789");
    server.on("/x", {cut_after(4), answering(503).with_header("Retry-After", "7"), chunked(),
                     until_close(), reset_after(2)});
    CHECK(curl({server.url("/x")}).status == 18);
    CHECK_THAT(curl({"-i", server.url("/x")}).out, contains("Retry-After: 7"));
    CHECK(curl({server.url("/x")}).out == "0123456789");
    CHECK(curl({server.url("/x")}).out == "0123456789");
    CHECK(curl({server.url("/x")}).status == 56);
    CHECK(curl({server.url("/x"), server.url("/x")}).out == "01234567890123456789");
    const auto seen = server.requests("/x");
    REQUIRE(seen.size() == 7);
    CHECK(seen[5].connection == seen[6].connection);
    CHECK_THAT(seen[0].header("user-agent"), contains("curl/"));
    CHECK(curl({"-o", "/dev/null", "-w", "%{http_code}", server.url("/y")}).out == "404");
}

TEST_CASE("the test server knows ranges and their conditions", "[fixture]") {
    HttpServer server;
    server.serve("/x", "0123456789");
    CHECK(curl({"-r", "3-", server.url("/x")}).out == "3456789");
    CHECK(curl({"-r", "3-5", server.url("/x")}).out == "345");
    CHECK_THAT(curl({"-i", "-r", "10-", server.url("/x")}).out, contains("bytes */10"));
    CHECK(curl({"-r", "3-", "-H", "If-Range: \"v1\"", server.url("/x")}).out == "3456789");
    CHECK(curl({"-r", "3-", "-H", "If-Range: \"v0\"", server.url("/x")}).out == "0123456789");
    server.on("/x", {ignoring_range(), claiming_range("bytes 0-9/99")});
    CHECK(curl({"-r", "3-", server.url("/x")}).out == "0123456789");
    CHECK_THAT(curl({"-i", "-r", "3-", server.url("/x")}).out, contains("bytes 0-9/99"));
}

TEST_CASE("a stalled answer goes on when it is released", "[fixture]") {
    HttpServer server;
    server.serve("/x", "0123456789");
    server.on("/x", {stall_after(4), stall_after(4)});
    CHECK(curl({"--max-time", "0.1", server.url("/x")}).status == 28);
    server.release();
    CHECK(curl({server.url("/x")}).out == "0123456789");
}

TEST_CASE("a server that is down refuses, and is found again under its port", "[fixture]") {
    HttpServer server;
    server.serve("/x", "0123456789");
    server.go_down();
    CHECK(curl({server.url("/x")}).status == 7);
    server.come_up();
    CHECK(curl({server.url("/x")}).out == "0123456789");
}
