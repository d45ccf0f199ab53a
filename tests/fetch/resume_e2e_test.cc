// Cut connections, stalls, busy servers: faults N4–N8, S1–S8, S10.

#include "tests/catch.hh"
#include "tests/fetch/fetching.hh"
#include "tests/support/http_server.hh"

using namespace slipway;
using namespace slipway::tests;
using namespace std::chrono_literals;

TEST_CASE("a file comes as it is served", "[fetch]") {
    HttpServer server;
    const std::string content = noise(3'000'000);
    server.serve("/image", content);
    const Fetched fetched = fetch_file(server.url("/image"));
    INFO(fetched.failure());
    REQUIRE(fetched.is_end());
    CHECK((fetched.body == content));
}
