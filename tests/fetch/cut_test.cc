// Connections that end or fall silent: faults N4–N8, S20. The stages behind notice nothing.

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "base/wait.hh"
#include "tests/catch.hh"
#include "tests/fetch/fetching.hh"
#include "tests/support/http_server.hh"

using namespace slipway;
using namespace slipway::tests;
using namespace std::chrono_literals;

namespace {

// The same bytes in spite of one attempt that failed after `done` of them.
void check_resumed(const Fetched& fetched, const std::string& content, std::uint64_t done) {
    INFO(fetched.failure() << fetched.changed());
    CHECK(fetched.is_end());
    CHECK((fetched.body == content));
    REQUIRE(fetched.retries().size() == 1);
    CHECK(fetched.retries()[0].attempt == 1);
    CHECK(fetched.retries()[0].done_bytes == done);
}

std::string range_of_last(const HttpServer& server) {
    return server.requests("/image").back().header("Range");
}

} // namespace

TEST_CASE("a file comes as it is served, on one connection", "[fetch]") {
    HttpServer server;
    const std::string content = noise(3'000'000);
    server.serve("/image", content);
    fetch::Fetcher fetcher = make_fetcher();
    for (int i = 0; i < 3; ++i) {
        const Fetched fetched = fetch_file(fetcher, server.url("/image"));
        REQUIRE(fetched.is_end());
        CHECK((fetched.body == content));
        CHECK(fetched.before.size() == 1);
        CHECK(fetched.head().status == 200);
        CHECK(fetched.head().length_bytes == 3'000'000);
        CHECK(fetched.head().etag == "\"v1\"");
        CHECK(std::get<fetch::End>(fetched.answer).size_bytes == 3'000'000);
    }
    CHECK(server.connections() == 1);
    for (const SeenRequest& request : server.requests()) {
        CHECK(request.method == "GET");
        CHECK(request.header("User-Agent") == "slipway/test");
        CHECK(request.header("Accept-Encoding").empty());
        CHECK(request.header("Range").empty());
        CHECK(request.header("Cache-Control").empty());
    }
}

TEST_CASE("an empty file comes, too", "[fetch]") {
    HttpServer server;
    server.serve("/image", "");
    server.on("/image", {as_usual(), chunked()});
    fetch::Fetcher fetcher = make_fetcher();
    for (int i = 0; i < 2; ++i) {
        const Fetched fetched = fetch_file(fetcher, server.url("/image"));
        CHECK(fetched.is_end());
        CHECK(fetched.body.empty());
    }
}

TEST_CASE("N4: a connection cut at any byte is resumed from that byte", "[fetch]") {
    HttpServer server;
    const std::string content = noise(80);
    server.serve("/image", content);
    fetch::Fetcher fetcher = make_fetcher();
    for (std::size_t at = 0; at < content.size(); ++at) {
        for (const Behaviour& cut : {cut_after(at), reset_after(at), cut_after(at).chunked()}) {
            INFO(at);
            server.on("/image", {cut});
            check_resumed(fetch_file(fetcher, server.url("/image")), content, at);
            CHECK(range_of_last(server) == (at == 0 ? "" : fmt::format("bytes={}-", at)));
        }
    }
}

TEST_CASE("N4: a large file cut at many bytes, again and again, comes whole", "[fetch]") {
    HttpServer server;
    const std::string content = noise(2'500'000);
    server.serve("/image", content);
    const std::vector<std::uint64_t> sizes{1,      4096,   4097,   16384,  65536,
                                           262144, 262145, 300000, 999999, 500000};
    std::vector<Behaviour> cuts;
    std::uint64_t sum = 0;
    for (const std::uint64_t size : sizes) {
        cuts.push_back(cut_after(size));
        sum += size;
    }
    REQUIRE(sum < content.size());
    server.on("/image", cuts);
    const Fetched fetched = fetch_file(server.url("/image"));
    INFO(fetched.failure());
    REQUIRE(fetched.is_end());
    CHECK((fetched.body == content));
    REQUIRE(fetched.retries().size() == sizes.size());
    for (const fetch::Retry& retry : fetched.retries()) {
        CHECK(retry.attempt == 1); // progress starts the count anew
        CHECK(retry.delay == 1ms);
    }
    CHECK(fetched.retries().back().done_bytes == sum);
    CHECK(server.requests("/image").size() == sizes.size() + 1);
    CHECK(server.requests("/image").back().header("If-Range") == "\"v1\"");
}

TEST_CASE("N4: a connection cut at any byte of the header is asked again", "[fetch]") {
    HttpServer server;
    const std::string content = noise(80);
    server.serve("/image", content);
    fetch::Fetcher fetcher = make_fetcher();
    // One request first, so that its length is known and a connection is there to be cut.
    const std::size_t header_size = 80;
    for (std::size_t at = 0; at < header_size; ++at) {
        INFO(at);
        server.on("/image", {cut_in_header(at)});
        const Fetched fetched = fetch_file(fetcher, server.url("/image"));
        CHECK(fetched.is_end());
        CHECK((fetched.body == content));
    }
}

TEST_CASE("N5: cut on every attempt without progress, it gives up and says what was had",
          "[fetch]") {
    HttpServer server;
    server.serve("/image", noise(80));
    server.always("/image", cut_after(0));
    server.on("/image", {cut_after(30)});
    const Fetched fetched = fetch_file(server.url("/image"));
    CHECK(fetched.kind() == Kind::Network);
    CHECK(fetched.failure() ==
          fmt::format("cannot fetch '{}': transfer closed with 50 bytes remaining to read; gave up "
                      "after 8 retries without progress, with 30 of 80 bytes; try again later",
                      server.url("/image")));
    CHECK(server.requests().size() == 9);
    std::vector<std::chrono::milliseconds> delays;
    for (const fetch::Retry& retry : fetched.retries()) {
        delays.push_back(retry.delay);
    }
    CHECK(delays == std::vector{1ms, 2ms, 4ms, 8ms, 16ms, 30ms, 30ms, 30ms});
}

TEST_CASE("N6: a line that falls silent is cut and resumed", "[fetch]") {
    HttpServer server;
    const std::string content = noise(100'000);
    server.serve("/image", content);
    for (const std::uint64_t at : {0, 50'000, 99'999}) {
        INFO(at);
        server.on("/image", {stall_after(at)});
        const Fetched fetched = fetch_file(server.url("/image"));
        check_resumed(fetched, content, at);
        CHECK(fetched.retries()[0].reason == "fewer than 30 bytes a second came for 1s");
    }
}

TEST_CASE("N6: time in which our own side is full is not counted against the server", "[fetch]") {
    HttpServer server;
    const std::string content = noise(8'000'000);
    server.serve("/image", content);
    fetch::Settings settings = quick();
    settings.stall_timeout = 400ms;
    fetch::Fetcher fetcher = make_fetcher(settings);
    const Fd pipe = fetcher.start(Url::parse(server.url("/image")), 0, fetch::Cache::Use);
    CHECK(::fcntl(pipe.get(), F_GETPIPE_SZ) == 1 << 20);
    REQUIRE(std::holds_alternative<fetch::Head>(fetcher.next({})));
    // Nothing is read for many time-outs: no answer may come.
    CHECK_FALSE(wait_for(fetcher.socket(), POLLIN, {}, std::chrono::steady_clock::now() + 1600ms));
    std::string body;
    std::vector<char> buffer(1 << 16);
    for (ssize_t got = 1; got > 0;) {
        got = ::read(pipe.get(), buffer.data(), buffer.size());
        body.append(buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(0, got)));
    }
    CHECK((body == content));
    CHECK(std::holds_alternative<fetch::End>(fetcher.next({})));
    CHECK(server.requests().size() == 1);
}

TEST_CASE("N7: a line below the limit is cut, a slow but steady one above it is left alone",
          "[fetch]") {
    HttpServer server;
    const std::string content = noise(400);
    server.serve("/image", content);
    fetch::Settings settings = quick();
    settings.stall_timeout = 400ms;
    settings.stall_bytes = 1000;
    server.on("/image", {trickling(1, 20ms)});
    const Fetched slow = fetch_file(server.url("/image"), settings);
    CHECK(slow.is_end());
    CHECK((slow.body == content));
    CHECK(slow.retries().size() == 1);

    settings.stall_timeout = 1s;
    settings.stall_bytes = 40;
    server.on("/image", {trickling(10, 30ms)});
    const Fetched steady = fetch_file(server.url("/image"), settings);
    CHECK(steady.is_end());
    CHECK((steady.body == content));
    CHECK(steady.retries().empty());
}

TEST_CASE("a bound on the rate is kept, and is no stall", "[fetch]") {
    HttpServer server;
    const std::string content = noise(300'000);
    server.serve("/image", content);
    fetch::Settings settings = quick();
    settings.rate_bytes = 200'000;
    const auto start = std::chrono::steady_clock::now();
    const Fetched fetched = fetch_file(server.url("/image"), settings);
    INFO(fetched.failure());
    CHECK((fetched.body == content));
    CHECK(fetched.retries().empty());
    CHECK(std::chrono::steady_clock::now() - start > 1400ms); // the last piece is not waited for
}

TEST_CASE("N8: the network goes away in the middle and comes back", "[fetch]") {
    HttpServer server;
    const std::string content = noise(5'000'000);
    server.serve("/image", content);
    server.on("/image", {stall_after(1'000'000)});
    fetch::Settings settings = quick();
    settings.retry = 20ms;
    fetch::Fetcher fetcher = make_fetcher(settings);
    unsigned retries = 0;
    bool was_down = false;
    const auto weather = [&](const fetch::Answer& answer) {
        if (std::holds_alternative<fetch::Head>(answer) && !std::exchange(was_down, true)) {
            server.go_down();
        }
        if (std::holds_alternative<fetch::Retry>(answer) && ++retries == 4) {
            server.come_up();
        }
    };
    const Fetched fetched = fetch_file(fetcher, server.url("/image"), 0, weather);
    INFO(fetched.failure());
    CHECK(fetched.is_end());
    CHECK((fetched.body == content));
    CHECK(retries >= 4);
}

TEST_CASE("S20: a header that never comes, or byte by byte, is cut and asked for again",
          "[fetch]") {
    HttpServer server;
    const std::string content = noise(80);
    server.serve("/image", content);
    for (const Behaviour& slow :
         {stall_in_header(0), stall_in_header(20), trickling_header(1, 100ms)}) {
        server.on("/image", {slow});
        const Fetched fetched = fetch_file(server.url("/image"));
        CHECK(fetched.is_end());
        CHECK((fetched.body == content));
        REQUIRE(fetched.retries().size() == 1);
        CHECK(fetched.retries()[0].reason == "no complete header came within 1s");
    }
}
