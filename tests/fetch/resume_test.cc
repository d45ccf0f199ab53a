// What an answer means, as a table: faults S1–S5, S10, S12, S14.

#include "fetch/resume.hh"
#include "tests/catch.hh"

using namespace slipway::fetch;

namespace {

constexpr const char* kDate = "Sun, 06 Nov 1994 08:49:37 GMT";
constexpr const char* kOlder = "Sun, 06 Nov 1994 08:00:00 GMT";

Progress had(std::uint64_t bytes, std::optional<std::uint64_t> total = 10,
             std::string validator = "\"v1\"") {
    Progress progress;
    progress.had_bytes = bytes;
    progress.total_bytes = total;
    progress.validator = std::move(validator);
    return progress;
}

Response whole(int status, std::string etag = "\"v1\"", std::optional<std::uint64_t> length = 10) {
    Response response;
    response.status = status;
    response.etag = std::move(etag);
    response.length_bytes = length;
    return response;
}

Response part(std::string content_range, std::string etag = "\"v1\"") {
    Response response;
    response.status = 206;
    response.etag = std::move(etag);
    response.content_range = std::move(content_range);
    return response;
}

Action action(const Progress& progress, const Response& response) {
    const Decision decision = decide(progress, response);
    const bool says_why = decision.action == Action::StartOver ||
                          decision.action == Action::Refuse || decision.action == Action::Lost ||
                          decision.action == Action::ComeAgain;
    CHECK(decision.reason.empty() == !says_why);
    return decision.action;
}

} // namespace

TEST_CASE("a first answer is taken, concluded, followed or come again for", "[fetch][resume]") {
    const Progress nothing;
    CHECK(action(nothing, whole(200)) == Action::Take);
    CHECK(action(nothing, whole(203)) == Action::Take);
    CHECK(action(nothing, part("bytes 0-9/10")) == Action::Refuse);
    for (const int status : {204, 205, 300, 304, 400, 401, 403, 404, 407, 410, 416, 451}) {
        INFO(status);
        CHECK(action(nothing, whole(status)) == Action::Conclude);
    }
    for (const int status : {408, 429, 500, 503, 599}) {
        INFO(status);
        CHECK(action(nothing, whole(status)) == Action::ComeAgain);
        CHECK(action(had(5), whole(status)) == Action::ComeAgain);
    }
    for (const int status : {301, 302, 303, 307, 308}) {
        INFO(status);
        Response response = whole(status);
        CHECK(action(nothing, response) == Action::Conclude);
        response.location = "/there";
        CHECK(action(nothing, response) == Action::Redirect);
        CHECK(action(had(5), response) == Action::Redirect);
    }
}

TEST_CASE("S2: a part is taken only with the start, end and total that were asked for",
          "[fetch][resume]") {
    CHECK(action(had(5), part("bytes 5-9/10")) == Action::Take);
    CHECK(action(had(5), part("bytes 5-9/*")) == Action::Take);
    CHECK(action(had(5, std::nullopt), part("bytes 5-9/10")) == Action::Take);
    CHECK(action(had(5, std::nullopt), part("bytes 5-9/*")) == Action::Take);
    for (const char* range :
         {"bytes 4-9/10", "bytes 6-9/10", "bytes 5-8/10", "bytes 5-9/11", "bytes 5-10/11",
          "bytes 5-8/*", "bytes 0-9/10", "bytes 0-4/10", "", "items 5-9/10", "bytes */10"}) {
        INFO(range);
        CHECK(action(had(5), part(range)) == Action::StartOver);
    }
    CHECK(action(had(5, std::nullopt), part("bytes 5-8/10")) == Action::StartOver);
}

TEST_CASE("S4: a part of another version is never taken", "[fetch][resume]") {
    CHECK(action(had(5), part("bytes 5-9/10", "\"v2\"")) == Action::StartOver);
    CHECK(action(had(5), part("bytes 5-9/10", "W/\"v1\"")) == Action::StartOver);
    CHECK(action(had(5), part("bytes 5-9/10", "")) == Action::Take); // If-Range has judged
    Response later = part("bytes 5-9/10", "");
    later.last_modified = kDate;
    CHECK(action(had(5, 10, kOlder), later) == Action::StartOver);
    later.last_modified = kOlder;
    CHECK(action(had(5, 10, kOlder), later) == Action::Take);
    Response encoded = part("bytes 5-9/10");
    encoded.content_encoding = "gzip";
    CHECK(action(had(5), encoded) == Action::StartOver);
}

TEST_CASE("S1: the whole again is skipped once, if it is proven to be the same",
          "[fetch][resume]") {
    CHECK(action(had(5), whole(200)) == Action::Skip);
    CHECK(action(had(5), whole(200, "\"v1\"", std::nullopt)) == Action::Skip);
    CHECK(action(had(5), whole(200, "\"v2\"")) == Action::StartOver);
    CHECK(action(had(5), whole(200, "W/\"v1\"")) == Action::StartOver);
    CHECK(action(had(5), whole(200, "")) == Action::StartOver);
    CHECK(action(had(5), whole(200, "\"v1\"", 11)) == Action::StartOver);
    Response same_time = whole(200, "");
    same_time.last_modified = kOlder;
    CHECK(action(had(5, 10, kOlder), same_time) == Action::StartOver); // no Date: not strong
    same_time.date = kDate;
    CHECK(action(had(5, 10, kOlder), same_time) == Action::Skip);
    Progress again = had(5);
    again.skipped_before = true;
    CHECK(action(again, whole(200)) == Action::Refuse);
}

TEST_CASE("S3: nothing behind what was had is the end, if the length says so", "[fetch][resume]") {
    Response response = whole(416);
    response.content_range = "bytes */5";
    CHECK(action(had(5, std::nullopt), response) == Action::Complete);
    CHECK(action(had(5, 5), response) == Action::Complete);
    CHECK(action(had(5, 10), response) == Action::StartOver);
    CHECK(action(had(4, std::nullopt), response) == Action::StartOver);
    response.content_range = "";
    CHECK(action(had(5, std::nullopt), response) == Action::StartOver);
}

TEST_CASE("a file that goes away in the middle is lost", "[fetch][resume]") {
    for (const int status : {204, 401, 403, 404, 410}) {
        INFO(status);
        CHECK(action(had(5), whole(status)) == Action::Lost);
    }
}

TEST_CASE("S5, S14: what cannot be resumed says why", "[fetch][resume]") {
    CHECK(begin_progress(whole(200)) == had(0));
    Progress weak = begin_progress(whole(200, "W/\"v1\""));
    CHECK(weak.validator.empty());
    CHECK_THAT(weak.not_resumable, contains("no strong validator"));
    Response encoded = whole(200);
    encoded.content_encoding = "gzip";
    CHECK(begin_progress(encoded).validator.empty());
    CHECK_THAT(begin_progress(encoded).not_resumable, contains("encodes it ('gzip')"));
    encoded.content_encoding = "identity";
    CHECK(begin_progress(encoded) == had(0));
}

TEST_CASE("amounts are said with what is known", "[fetch][resume]") {
    CHECK(amount(had(5)) == "5 of 10 bytes");
    CHECK(amount(had(5, std::nullopt)) == "5 bytes of an unknown total");
}
