// Answers other than the file: faults S9, S10, S12, S13, S15–S17, S19.

#include "base/error.hh"
#include "tests/catch.hh"
#include "tests/fetch/fetching.hh"
#include "tests/support/http_server.hh"

using namespace slipway;
using namespace slipway::tests;
using namespace std::chrono_literals;
using namespace std::string_literals;

TEST_CASE("S9: 404, 403, 410 and their like are answers, not errors, and cost one request",
          "[fetch]") {
    HttpServer server;
    server.serve("/image", "content");
    fetch::Fetcher fetcher = make_fetcher();
    for (const int status : {400, 401, 403, 404, 407, 410, 451}) {
        server.on("/image", {answering(status)});
        const Fetched fetched = fetch_file(fetcher, server.url("/image?token=SECRET"));
        CHECK(fetched.status() == status);
        CHECK(fetched.body.empty());
        CHECK(std::get<fetch::Status>(fetched.answer).url == server.url("/image?token=…"));
        CHECK(std::get<fetch::Status>(fetched.answer).proxy.empty());
        CHECK(fetched.before.empty());
    }
    CHECK(server.requests().size() == 7);
    CHECK(server.connections() == 1); // the short pages were read, so that the line is free again
}

TEST_CASE("S9: the address that answered is told, not only the one that was given", "[fetch]") {
    HttpServer server;
    server.always("/image", redirecting_to("/gone"));
    const Fetched fetched = fetch_file(server.url("/image"));
    CHECK(fetched.status() == 404);
    CHECK(std::get<fetch::Status>(fetched.answer).url == server.url("/gone"));
}

TEST_CASE("an error page without end is not waited for", "[fetch]") {
    HttpServer server;
    Behaviour page = endless();
    page.status = 404;
    server.always("/image", page);
    server.serve("/next", "good");
    fetch::Fetcher fetcher = make_fetcher();
    CHECK(fetch_file(fetcher, server.url("/image")).status() == 404);
    CHECK(fetch_file(fetcher, server.url("/next")).body == "good");
}

TEST_CASE("how the page of an error or of a redirect ends is all the same", "[fetch]") {
    HttpServer server;
    server.serve("/image", "content");
    server.on("/missing", {answering(404).stall_after(3), answering(404).cut_after(3)});
    server.on("/moved",
              {redirecting_to("/image").stall_after(3), redirecting_to("/image").cut_after(3)});
    fetch::Fetcher fetcher = make_fetcher();
    for (int i = 0; i < 2; ++i) {
        const Fetched missing = fetch_file(fetcher, server.url("/missing"));
        CHECK(missing.status() == 404);
        CHECK(missing.before.empty());
        CHECK(fetch_file(fetcher, server.url("/moved")).body == "content");
    }
}

TEST_CASE("S10: 408, 429 and 5xx are retried", "[fetch]") {
    HttpServer server;
    const std::string content = noise(600);
    server.serve("/image", content);
    server.on("/image", {answering(503), answering(429), answering(408), cut_after(100),
                         answering(500), answering(504)});
    const Fetched fetched = fetch_file(server.url("/image"));
    CHECK(fetched.is_end());
    CHECK((fetched.body == content));
    std::vector<std::pair<unsigned, std::string>> seen;
    for (const fetch::Retry& retry : fetched.retries()) {
        seen.emplace_back(retry.attempt, retry.reason);
    }
    CHECK(seen == std::vector<std::pair<unsigned, std::string>>{
                      {1, "the server answered 503"},
                      {2, "the server answered 429"},
                      {3, "the server answered 408"},
                      {1, "transfer closed with 500 bytes remaining to read"},
                      {2, "the server answered 500"},
                      {3, "the server answered 504"}});
}

TEST_CASE("S10: a server that stays busy is given up", "[fetch]") {
    HttpServer server;
    server.always("/image", answering(503));
    const Fetched fetched = fetch_file(server.url("/image"));
    CHECK(fetched.kind() == Kind::Network);
    CHECK(fetched.failure() ==
          fmt::format("cannot fetch '{}': the server answered 503; gave up after 8 retries without "
                      "progress, with 0 bytes of an unknown total; try again later",
                      server.url("/image")));
    CHECK(server.requests().size() == 9);
}

TEST_CASE("S10: Retry-After is obeyed, in units of the first step", "[fetch]") {
    HttpServer server;
    server.serve("/image", "content");
    server.on("/image", {answering(429).with_header("Retry-After", "50"),
                         answering(503)
                             .with_header("Date", "Sun, 06 Nov 1994 08:49:37 GMT")
                             .with_header("Retry-After", "Sun, 06 Nov 1994 08:50:17 GMT"),
                         answering(503).with_header("Retry-After", "100000")});
    const Fetched fetched = fetch_file(server.url("/image"));
    CHECK(fetched.is_end());
    REQUIRE(fetched.retries().size() == 3);
    CHECK(fetched.retries()[0].delay == 50ms);
    CHECK(fetched.retries()[1].delay == 40ms);
    CHECK(fetched.retries()[2].delay == 120ms);
}

TEST_CASE("S12: redirects are followed, absolute and relative, up to the limit", "[fetch]") {
    HttpServer server;
    HttpServer other;
    other.serve("/there/image", "content");
    server.serve("/b/image?x", "");
    for (int hop = 0; hop < 9; ++hop) {
        const int status = std::vector{301, 302, 303, 307, 308}.at(static_cast<unsigned>(hop % 5));
        server.always(fmt::format("/a/{}", hop), redirecting_to(std::to_string(hop + 1), status));
    }
    server.always("/a/9", redirecting_to(other.url("/there/image?q=1#part")));
    const Fetched fetched = fetch_file(server.url("/a/0"));
    INFO(fetched.failure());
    CHECK(fetched.is_end());
    CHECK(fetched.body == "content");
    CHECK(fetched.head().url == other.url("/there/image?q=…"));
    CHECK(server.requests().size() == 10);

    server.always("/a/start", redirecting_to("/a/0"));
    const Fetched eleven = fetch_file(server.url("/a/start"));
    CHECK(eleven.kind() == Kind::Network);
    CHECK_THAT(eleven.failure(), contains("cannot fetch '" + server.url("/a/start") + "'") &&
                                     contains("redirected more than 10 times, last to '" +
                                              other.url("/there/image")));
}

TEST_CASE("S12: a loop of redirects is refused", "[fetch]") {
    HttpServer server;
    server.always("/a", redirecting_to("/b"));
    server.always("/b", redirecting_to("/a"));
    const Fetched fetched = fetch_file(server.url("/a"));
    CHECK_THAT(fetched.failure(), contains("redirected more than 10 times"));
    CHECK(server.requests().size() == 11);
}

TEST_CASE("S12: a redirect to another scheme is refused and not asked for", "[fetch]") {
    HttpServer server;
    const char* to = GENERATE("file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://127.0.0.1/x",
                              "dict://127.0.0.1/x");
    server.always("/image", redirecting_to(to));
    const Fetched fetched = fetch_file(server.url("/image"));
    CHECK(fetched.kind() == Kind::Network);
    CHECK(fetched.failure() ==
          fmt::format("cannot fetch '{0}': '{0}' redirects to '{1}': only http and https are "
                      "followed",
                      server.url("/image"), to));
    CHECK(fetched.body.empty());
}

TEST_CASE("S12: a redirect that is no URL is no place to go", "[fetch]") {
    HttpServer server;
    server.always("/image", redirecting_to("http://[::bad/x?token=SECRET"));
    const Fetched fetched = fetch_file(server.url("/image"));
    CHECK_THAT(fetched.failure(), contains("which is no URL") && !contains("SECRET"));
}

TEST_CASE("S13: credentials of the URL go to its host and to no other", "[fetch]") {
    HttpServer server;
    HttpServer other;
    other.serve("/image", "content");
    server.serve("/image", "content");
    server.always("/away", redirecting_to(other.url("/image")));
    server.always("/here", redirecting_to(server.url("/image")));
    const std::string authority = "127.0.0.1:" + std::to_string(server.port());
    const auto with_password = [&](const std::string& path) {
        return "http://user:p%40ss@" + authority + path;
    };
    CHECK(fetch_file(with_password("/away")).is_end());
    CHECK(fetch_file(with_password("/here")).is_end());
    const std::string basic = "Basic dXNlcjpwQHNz"; // user:p@ss
    CHECK(server.requests("/away").at(0).header("Authorization") == basic);
    CHECK(server.requests("/here").at(0).header("Authorization") == basic);
    CHECK(server.requests("/image").at(0).header("Authorization") == basic);
    CHECK(other.requests("/image").at(0).header("Authorization").empty());
    CHECK(other.requests("/image").at(0).header("Referer").empty());
}

TEST_CASE("a resume asks where the file was found, and where it was given when that fails",
          "[fetch]") {
    HttpServer server;
    HttpServer first;
    HttpServer second;
    const std::string content = noise(600);
    first.serve("/image", content);
    second.serve("/image", content);
    server.on("/image", {redirecting_to(first.url("/image"))});
    server.always("/image", redirecting_to(second.url("/image")));

    SECTION("cut once: from the same mirror") {
        first.on("/image", {cut_after(100)});
        const Fetched fetched = fetch_file(server.url("/image"));
        CHECK(fetched.is_end());
        CHECK((fetched.body == content));
        CHECK(first.requests().size() == 2);
        CHECK(second.requests().empty());
    }
    SECTION("cut again without progress: from where the redirect leads now") {
        first.on("/image", {cut_after(100), cut_after(0)});
        const Fetched fetched = fetch_file(server.url("/image"));
        CHECK(fetched.is_end());
        CHECK((fetched.body == content));
        CHECK(second.requests().at(0).header("Range") == "bytes=100-");
    }
    SECTION("the mirror's address has expired: from where the redirect leads now") {
        first.on("/image", {cut_after(100), answering(403)});
        const Fetched fetched = fetch_file(server.url("/image"));
        CHECK(fetched.is_end());
        CHECK((fetched.body == content));
        CHECK(second.requests().at(0).header("Range") == "bytes=100-");
    }
    SECTION("the mirror is dead: from where the redirect leads now") {
        first.on("/image", {stall_after(100)});
        fetch::Fetcher fetcher = make_fetcher();
        const Fetched fetched =
            fetch_file(fetcher, server.url("/image"), 0, [&](const fetch::Answer& answer) {
                if (std::holds_alternative<fetch::Head>(answer)) {
                    first.go_down();
                }
            });
        CHECK(fetched.is_end());
        CHECK((fetched.body == content));
    }
}

TEST_CASE("a file that goes away in the middle is said to have", "[fetch]") {
    HttpServer server;
    server.serve("/image", noise(600));
    server.on("/image", {cut_after(100), answering(404)});
    const Fetched fetched = fetch_file(server.url("/image"));
    CHECK_THAT(fetched.failure(),
               contains("the server answered 404 after 100 of 600 bytes had come"));
}

TEST_CASE("S15: headers beyond all measure are refused in one line", "[fetch]") {
    HttpServer server;
    server.serve("/image", "content");
    const Behaviour behaviour =
        GENERATE(as_usual().with_headers(1, 1 << 20), as_usual().with_headers(10, 90'000),
                 as_usual().with_headers(10'000, 10), as_usual().with_headers(10'000, 100));
    server.always("/image", behaviour);
    const Fetched fetched = fetch_file(server.url("/image"));
    CHECK(fetched.kind() == Kind::Network);
    CHECK_THAT(fetched.failure(), contains("header") && !contains("\n"));
    CHECK(fetched.body.empty());
    CHECK(server.requests().size() == 1);
}

TEST_CASE("S15: strange bytes in a header are refused or ignored, never passed on", "[fetch]") {
    HttpServer server;
    server.serve("/image", "content");
    server.on("/image",
              {saying("HTTP/1.1 200 OK\r\nContent-Length: 7\r\nX: a\0b\r\n\r\ncontent"s),
               as_usual().with_header("Content-Disposition", "attachment; filename=../../etc/x"),
               as_usual().with_header("X", "a\rETag: \"forged\""),
               serving(Resource{"content", "\"\x1b[31m\xff\""})});
    fetch::Fetcher fetcher = make_fetcher();
    CHECK_THAT(fetch_file(fetcher, server.url("/image")).failure(), contains("nul byte in header"));
    CHECK(fetch_file(fetcher, server.url("/image")).body == "content");
    CHECK(fetch_file(fetcher, server.url("/image")).head().etag == "\"v1\"");
    CHECK(fetch_file(fetcher, server.url("/image")).head().etag == "\"\x1b[31m\\xff\"");
}

TEST_CASE("what is not HTTP is refused", "[fetch]") {
    HttpServer server;
    const std::string said = GENERATE("SSH-2.0-OpenSSH_9.2\r\n", "<html>", "\x16\x03\x01\x02");
    server.always("/image", saying(said));
    const Fetched fetched = fetch_file(server.url("/image"));
    CHECK(fetched.kind() == Kind::Network);
    CHECK(fetched.body.empty());
}

TEST_CASE("chunks that are none count as a cut", "[fetch]") {
    HttpServer server;
    const std::string content = noise(600);
    server.serve("/image", content);
    server.on("/image", {saying("HTTP/1.1 200 OK\r\nETag: \"v1\"\r\nTransfer-Encoding: chunked\r\n"
                                "\r\n5\r\n" +
                                content.substr(0, 5) + "\r\nzz\r\n")});
    const Fetched fetched = fetch_file(server.url("/image"));
    INFO(fetched.failure());
    CHECK(fetched.is_end());
    CHECK((fetched.body == content));
}

TEST_CASE("S16: a document ends at its cap, whether its length is said or not", "[fetch]") {
    HttpServer server;
    server.serve("/doc", std::string(100, 'x'));
    fetch::Fetcher fetcher = make_fetcher();
    const auto document = [&](std::uint64_t limit) {
        return fetcher.document(Url::parse(server.url("/doc")), limit, fetch::Cache::Use, {}, {});
    };
    const auto kind_of = [&](std::uint64_t limit) {
        try {
            document(limit);
        } catch (const Error& error) {
            return error.kind();
        }
        return Kind::Other;
    };
    CHECK(document(100).content == std::string(100, 'x'));
    CHECK(kind_of(99) == Kind::Limit);
    server.on("/doc", {chunked(), chunked(), endless(), endless().chunked()});
    CHECK(document(100).content == std::string(100, 'x'));
    CHECK(kind_of(99) == Kind::Limit);
    CHECK(kind_of(4 << 20) == Kind::Limit);
    CHECK(kind_of(64 << 10) == Kind::Limit);
    CHECK(document(100).status == 200); // and the program goes on
}

TEST_CASE("S17: only GET is ever sent", "[fetch]") {
    HttpServer server;
    server.serve("/image", noise(600));
    server.on("/image", {cut_after(5), answering(503), redirecting_to("/image")});
    CHECK(fetch_file(server.url("/image")).is_end());
    for (const SeenRequest& request : server.requests()) {
        CHECK(request.method == "GET");
    }
}

TEST_CASE("S19: an image beyond its limit is stopped, before its first byte where that is known",
          "[fetch]") {
    HttpServer server;
    const std::string content = noise(600'000);
    server.serve("/image", content);
    fetch::Fetcher fetcher = make_fetcher();
    const Fetched known = fetch_file(fetcher, server.url("/image"), 599'999);
    CHECK(known.kind() == Kind::Limit);
    CHECK(known.body.empty());
    CHECK_THAT(known.failure(), contains("it has 600000 bytes, the limit is 599999"));
    server.on("/image", {chunked()});
    const Fetched unknown = fetch_file(fetcher, server.url("/image"), 599'999);
    CHECK(unknown.kind() == Kind::Limit);
    CHECK(unknown.body.size() < 600'000);
    CHECK(fetch_file(fetcher, server.url("/image"), 600'000).is_end());
}
