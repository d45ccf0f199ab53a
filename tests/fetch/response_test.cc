// Header fields, ranges, dates, validators.

#include "base/error.hh"
#include "fetch/response.hh"
#include "tests/catch.hh"

using namespace slipway::fetch;
using namespace std::chrono_literals;

namespace {

Response read_header(const std::vector<std::string>& lines) {
    HeaderReader reader;
    for (const std::string& line : lines) {
        reader.add(line + "\r\n");
    }
    CHECK(reader.complete());
    return reader.response();
}

Response with(std::string etag, std::string last_modified, std::string date) {
    Response response;
    response.etag = std::move(etag);
    response.last_modified = std::move(last_modified);
    response.date = std::move(date);
    return response;
}

} // namespace

TEST_CASE("the fields of a header are found whatever their case", "[fetch][response]") {
    const Response response = read_header(
        {"HTTP/1.1 206 Partial Content", "content-LENGTH: 5", "ETAG: \"x\" ", "Last-Modified:then",
         "Content-Range:  bytes 5-9/10", "Content-Encoding: gzip", "Content-Type: text/html",
         "Retry-After: 9", "Location: /there", "Date: now", ""});
    CHECK(response.status == 206);
    CHECK(response.length_bytes == 5U);
    CHECK(response.etag == "\"x\"");
    CHECK(response.last_modified == "then");
    CHECK(response.content_range == "bytes 5-9/10");
    CHECK(response.content_encoding == "gzip");
    CHECK(response.content_type == "text/html");
    CHECK(response.retry_after == "9");
    CHECK(response.location == "/there");
    CHECK(response.date == "now");
}

TEST_CASE("S8: a body that only the end of the connection ends is told from the others",
          "[fetch][response]") {
    CHECK(read_header({"HTTP/1.0 200 OK", "Date: now", ""}).open_ended);
    CHECK(read_header({"HTTP/1.1 200 OK", ""}).open_ended);
    CHECK_FALSE(read_header({"HTTP/1.1 200 OK", "Content-Length: 5", ""}).open_ended);
    CHECK_FALSE(read_header({"HTTP/1.1 200 OK", "Transfer-Encoding: chunked", ""}).open_ended);
    CHECK_FALSE(read_header({"HTTP/2 200", ""}).open_ended); // its frames say where it ends
}

TEST_CASE("interim answers and trailers are no part of the header", "[fetch][response]") {
    HeaderReader reader;
    CHECK_FALSE(reader.add("HTTP/1.1 103 Early Hints\r\n"));
    CHECK_FALSE(reader.add("ETag: \"early\"\r\n"));
    CHECK_FALSE(reader.add("\r\n"));
    CHECK_FALSE(reader.add("HTTP/2 200\r\n"));
    CHECK(reader.add("\r\n"));
    CHECK_FALSE(reader.add("ETag: \"trailer\"\r\n"));
    CHECK_FALSE(reader.add("\r\n"));
    CHECK(reader.response().status == 200);
    CHECK(reader.response().etag.empty());
}

TEST_CASE("S15: of a field that comes twice the first counts, an absurd one is left out",
          "[fetch][response]") {
    const Response response =
        read_header({"HTTP/1.1 200", "ETag: \"1\"", "ETag: \"2\"", "Content-Length: five",
                     "Content-Length: 99999999999999999999999",
                     "Last-Modified: " + std::string(5000, 'x'), "no colon", " folded", ":", ""});
    CHECK(response.etag == "\"1\"");
    CHECK(response.length_bytes == std::nullopt);
    CHECK(response.last_modified.empty());
}

TEST_CASE("S15: a header beyond the limits is refused", "[fetch][response]") {
    HeaderReader large;
    large.add("HTTP/1.1 200 OK\r\n");
    CHECK_THROWS_WITH(large.add(std::string(kMaxHeaderBytes, 'x')), contains("262144 bytes"));
    HeaderReader many;
    CHECK_THROWS_WITH(
        [&] {
            for (std::size_t i = 0; i <= kMaxHeaderLines; ++i) {
                many.add("A: b\r\n");
            }
        }(),
        contains("1000 lines"));
}

TEST_CASE("a Content-Range is read exactly or not at all", "[fetch][response]") {
    const auto range = parse_content_range("bytes 5-9/10");
    REQUIRE(range);
    CHECK(range->first == 5);
    CHECK(range->last == 9);
    CHECK(range->total == 10U);
    CHECK(parse_content_range("bytes 5-9/*")->total == std::nullopt);
    for (const char* bad :
         {"", "bytes", "bytes 5-9", "5-9/10", "bytes 9-5/10", "bytes 5-10/10", "bytes */10",
          "bytes -9/10", "bytes 5-/10", "bytes 5-9/x", "bytes 5-9/", "bytes=5-9/10",
          "bytes 5-99999999999999999999/*", "bytes 5-9/10 ", "bytes 5 -9/10"}) {
        INFO(bad);
        CHECK_FALSE(parse_content_range(bad));
    }
    CHECK(parse_unsatisfied_range("bytes */10") == 10U);
    CHECK_FALSE(parse_unsatisfied_range("bytes */*"));
    CHECK_FALSE(parse_unsatisfied_range("bytes 5-9/10"));
}

TEST_CASE("dates are read in the one form that is sent today", "[fetch][response]") {
    CHECK(parse_http_date("Thu, 01 Jan 1970 00:01:00 GMT") == std::chrono::sys_seconds(60s));
    for (const char* bad : {"", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
                            "Sun, 06 Nov 1994 08:49:37 GMT!", "Sun, 06 Nov 1994 08:49:37 CET"}) {
        INFO(bad);
        CHECK_FALSE(parse_http_date(bad));
    }
}

TEST_CASE("S5: a validator is strong, or it is none", "[fetch][response]") {
    const char* earlier = "Sun, 06 Nov 1994 08:49:36 GMT";
    const char* now = "Sun, 06 Nov 1994 08:49:37 GMT";
    CHECK(strong_validator(with("\"x\"", "", "")) == "\"x\"");
    CHECK(strong_validator(with("\"x\"", earlier, now)) == "\"x\"");
    CHECK(strong_validator(with("", earlier, now)) == earlier);
    CHECK(strong_validator(with("", now, now)).empty());
    CHECK(strong_validator(with("", earlier, "")).empty());
    CHECK(strong_validator(with("", "yesterday", now)).empty());
    CHECK(strong_validator(with("W/\"x\"", earlier, now)).empty());
    CHECK(strong_validator(with("x", "", "")).empty());
    CHECK(strong_validator(with("\"", "", "")).empty());
    CHECK(strong_validator(with("", "", "")).empty());
}
