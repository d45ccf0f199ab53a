// Servers that resume badly, or have another file meanwhile: faults S1–S8, S14. Two versions are
// never spliced.

#include "tests/catch.hh"
#include "tests/fetch/fetching.hh"
#include "tests/support/http_server.hh"

using namespace slipway;
using namespace slipway::tests;
using namespace std::chrono_literals;

namespace {

constexpr const char* kOlder = "Sun, 06 Nov 1994 08:00:00 GMT";
constexpr const char* kDate = "Sun, 06 Nov 1994 08:49:37 GMT";

// The first bytes of the old version and not a single one of another.
void check_not_spliced(const Fetched& fetched, const std::string& old, std::size_t had) {
    INFO(fetched.failure());
    CHECK_FALSE(fetched.changed().empty());
    CHECK((fetched.body == old.substr(0, had)));
}

} // namespace

TEST_CASE("S1: a server that ignores Range is read again from the start, once", "[fetch]") {
    HttpServer server;
    const std::string content = noise(600'000);
    server.serve("/image", content);
    for (const std::uint64_t at : {1, 100'000, 599'999}) {
        server.on("/image", {cut_after(at), ignoring_range()});
        const Fetched fetched = fetch_file(server.url("/image"));
        INFO(fetched.failure());
        CHECK(fetched.is_end());
        CHECK((fetched.body == content));
    }
}

TEST_CASE("S1: a second time is refused rather than looping", "[fetch]") {
    HttpServer server;
    server.serve("/image", noise(600));
    server.on("/image",
              {cut_after(100), ignoring_range().cut_after(300), ignoring_range().cut_after(400)});
    const Fetched fetched = fetch_file(server.url("/image"));
    CHECK(fetched.kind() == Kind::Network);
    CHECK_THAT(fetched.failure(),
               contains("from its start whatever it is asked for") && contains("300 of 600 bytes"));
    CHECK(server.requests().size() == 3);
}

TEST_CASE("S1: the whole again, cut before what was had, is not taken twice", "[fetch]") {
    HttpServer server;
    const std::string content = noise(600);
    server.serve("/image", content);
    server.on("/image", {cut_after(300), ignoring_range().cut_after(100)});
    const Fetched fetched = fetch_file(server.url("/image"));
    CHECK(fetched.is_end());
    CHECK((fetched.body == content));
    CHECK(server.requests().back().header("Range") == "bytes=300-");
}

TEST_CASE("S2: a part that was not asked for is discarded, never spliced", "[fetch]") {
    HttpServer server;
    const std::string content = noise(600);
    server.serve("/image", content);
    const char* range = GENERATE("bytes 0-599/600", "bytes 99-599/600", "bytes 101-599/600",
                                 "bytes 100-598/600", "bytes 100-599/601", "bytes 100-600/601",
                                 "bytes 0-499/500", "nonsense", "bytes */600");
    INFO(range);
    server.on("/image", {cut_after(100), claiming_range(range)});
    check_not_spliced(fetch_file(server.url("/image")), content, 100);
}

TEST_CASE("S2: a part with more or fewer bytes than it claims is not believed", "[fetch]") {
    HttpServer server;
    const std::string content = noise(600);
    server.serve("/image", content);
    const Resource longer{content + "more"};
    server.on("/image", {cut_after(100), claiming_range("bytes 100-599/600").serving(longer)});
    const Fetched more = fetch_file(server.url("/image"));
    CHECK_THAT(more.failure(), contains("more than the 600 bytes that it announced"));
    CHECK(content.starts_with(more.body));

    const Resource shorter{content.substr(0, 400)};
    server.on("/image", {cut_after(100), claiming_range("bytes 100-599/600").serving(shorter)});
    const Fetched fewer = fetch_file(server.url("/image"));
    CHECK(fewer.is_end());
    CHECK((fewer.body == content));
    CHECK_THAT(fewer.retries().at(1).reason, contains("400 of 600 bytes"));
}

TEST_CASE("a part instead of the whole is refused", "[fetch]") {
    HttpServer server;
    server.serve("/image", noise(600));
    server.on("/image", {claiming_range("bytes 0-599/600")});
    const Fetched fetched = fetch_file(server.url("/image"));
    CHECK_THAT(fetched.failure(), contains("206 (a part) to a request for the whole"));
    CHECK(fetched.body.empty());
}

TEST_CASE("S3: 416 is the end when the length says so, else a fresh start", "[fetch]") {
    HttpServer server;
    const std::string content = noise(600);
    server.serve("/image", content);
    // All bytes were there, only the end of the chunks was missing.
    server.on("/image", {cut_after(600).chunked()});
    const Fetched complete = fetch_file(server.url("/image"));
    CHECK(complete.is_end());
    CHECK((complete.body == content));
    CHECK(server.requests().back().header("Range") == "bytes=600-");

    const std::string shrunk = content.substr(0, 50);
    server.on("/image", {cut_after(100), serving(Resource{shrunk})});
    check_not_spliced(fetch_file(server.url("/image")), content, 100);
}

TEST_CASE("S4: another version at the resume is a fresh start", "[fetch]") {
    HttpServer server;
    const std::string old = noise(600);
    const std::string other = noise(601);
    const Resource same_length{noise(1200).substr(600), "\"v2\""};

    SECTION("told by its strong ETag") {
        server.serve("/image", old);
        server.on("/image", {cut_after(100), serving(same_length)});
        check_not_spliced(fetch_file(server.url("/image")), old, 100);
    }
    SECTION("told by its ETag in a part that should not have come") {
        server.serve("/image", old);
        Resource lying = same_length;
        lying.etag = "";
        server.on(
            "/image",
            {cut_after(100),
             claiming_range("bytes 100-599/600").serving(lying).with_header("ETag", "\"v2\"")});
        check_not_spliced(fetch_file(server.url("/image")), old, 100);
    }
    SECTION("told by its Last-Modified") {
        server.serve("/image", {old, "", kOlder, true, {{"Date", kDate}}});
        server.on("/image", {cut_after(100), serving({other, "", kDate, true, {}})});
        check_not_spliced(fetch_file(server.url("/image")), old, 100);
    }
    SECTION("told by its length alone") {
        server.serve("/image", old);
        server.on("/image", {cut_after(100), ignoring_range().serving({other})});
        check_not_spliced(fetch_file(server.url("/image")), old, 100);
    }
}

TEST_CASE("S4: before the first byte another version is simply taken", "[fetch]") {
    HttpServer server;
    const std::string other = noise(601);
    server.serve("/image", noise(600));
    server.on("/image", {cut_after(0), serving({other, "\"v2\""})});
    const Fetched fetched = fetch_file(server.url("/image"));
    CHECK(fetched.is_end());
    CHECK((fetched.body == other));
    CHECK(fetched.head().etag == "\"v2\"");
    CHECK(fetched.head().length_bytes == 601);
}

TEST_CASE("S5: a Last-Modified that is old enough resumes as well as an ETag", "[fetch]") {
    HttpServer server;
    const std::string content = noise(600);
    server.serve("/image", {content, "", kOlder, true, {{"Date", kDate}}});
    server.on("/image", {cut_after(100)});
    const Fetched fetched = fetch_file(server.url("/image"));
    CHECK(fetched.is_end());
    CHECK((fetched.body == content));
    CHECK(server.requests().back().header("If-Range") == kOlder);
}

TEST_CASE("S5: without a strong validator nothing is resumed", "[fetch]") {
    HttpServer server;
    const std::string content = noise(600);
    const Resource resource =
        GENERATE_COPY(Resource{content, ""}, Resource{content, "W/\"v1\""},
                      Resource{content, "", kDate, true, {{"Date", kDate}}},
                      Resource{content, "W/\"v1\"", kOlder, true, {{"Date", kDate}}});
    server.serve("/image", resource);
    server.on("/image", {cut_after(100)});
    const Fetched fetched = fetch_file(server.url("/image"));
    check_not_spliced(fetched, content, 100);
    CHECK_THAT(fetched.changed(), contains("cannot be resumed after 100 of 600 bytes") &&
                                      contains("no strong validator"));
    CHECK(server.requests().size() == 1);
}

TEST_CASE("S5: without a validator, what was cut before its first byte is asked again", "[fetch]") {
    HttpServer server;
    const std::string content = noise(600);
    server.serve("/image", {content, ""});
    server.on("/image", {cut_after(0)});
    const Fetched fetched = fetch_file(server.url("/image"));
    CHECK(fetched.is_end());
    CHECK((fetched.body == content));
}

TEST_CASE("S6: without a length, chunked or until the connection ends, the file comes whole",
          "[fetch]") {
    HttpServer server;
    const std::string content = noise(600'000);
    server.serve("/image", content);
    server.on("/image", {chunked(), until_close()});
    for (int i = 0; i < 2; ++i) {
        const Fetched fetched = fetch_file(server.url("/image"));
        CHECK(fetched.is_end());
        CHECK((fetched.body == content));
        CHECK(fetched.head().length_bytes == -1);
    }
}

TEST_CASE("S7: a length that is too large is a cut", "[fetch]") {
    HttpServer server;
    const std::string content = noise(600);
    server.serve("/image", content);
    server.always("/image", claiming_length(700));
    const Fetched fetched = fetch_file(server.url("/image"));
    // The server has no byte 600, and has promised one.
    check_not_spliced(fetched, content, 600);
}

TEST_CASE("S7: behind a length that is too small nothing is read as another answer", "[fetch]") {
    HttpServer server;
    const std::string content = noise(500) + "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil";
    server.serve("/image", content);
    server.serve("/next", "good");
    server.serve("/else", "where");
    server.always("/image", claiming_length(500));
    fetch::Fetcher fetcher = make_fetcher();
    for (const char* between : {"/next", "/else"}) {
        const Fetched fetched = fetch_file(fetcher, server.url("/image"));
        CHECK(fetched.is_end());
        CHECK((fetched.body == content.substr(0, 500)));
        HttpServer other;
        other.serve("/else", "where");
        CHECK(fetch_file(fetcher, other.url(between)).status() == (between[1] == 'n' ? 404 : 0));
        CHECK(fetch_file(fetcher, server.url("/next")).body == "good");
    }
}

TEST_CASE("S8: the end of an HTTP/1.0 body without a length is taken for its end, and told",
          "[fetch]") {
    HttpServer server;
    const std::string content = noise(600);
    server.serve("/image", content);
    server.on("/image", {until_close().cut_after(300)});
    const Fetched fetched = fetch_file(server.url("/image"));
    CHECK(fetched.is_end());
    CHECK((fetched.body == content.substr(0, 300)));
    CHECK(fetched.head().length_bytes == -1);
}

TEST_CASE("S14: an encoded body comes as it was sent and is never resumed", "[fetch]") {
    HttpServer server;
    const std::string content = "\x1f\x8b not gzip at all" + noise(600);
    server.serve("/image", {content, "\"v1\"", "", true, {{"Content-Encoding", "gzip"}}});
    const Fetched whole = fetch_file(server.url("/image"));
    CHECK(whole.is_end());
    CHECK((whole.body == content));
    CHECK(whole.head().content_encoding == "gzip");
    CHECK(server.requests().back().header("Accept-Encoding").empty());
    server.on("/image", {cut_after(100)});
    const Fetched cut = fetch_file(server.url("/image"));
    check_not_spliced(cut, content, 100);
    CHECK_THAT(cut.changed(), contains("the server encodes it ('gzip')"));
}
