// What the keeper and slipway-fetch say to each other, there and back.

#include "base/error.hh"
#include "fetch/wire.hh"
#include "tests/catch.hh"

using namespace slipway;
using namespace slipway::fetch;
using namespace std::chrono_literals;

namespace {

Answer there_and_back(const Answer& answer) {
    const IdentifiedAnswer back = parse_answer(to_json(7, answer));
    CHECK(back.id == 7);
    REQUIRE(back.answer.index() == answer.index());
    return back.answer;
}

Kind kind_thrown_by(const std::string& answer) {
    try {
        static_cast<void>(parse_answer(answer));
    } catch (const Error& error) {
        CHECK_THAT(error.what(), contains("not a message of the fetch protocol"));
        return error.kind();
    }
    return Kind::Other;
}

} // namespace

TEST_CASE("settings and requests arrive as they were sent", "[fetch][wire]") {
    const Settings sent{1s, 2s, 3, 4ms, 5, 6, "agent", "/ca.pem", 7};
    const Settings settings = parse_settings(to_json(sent));
    CHECK(settings.connect_timeout == 1s);
    CHECK(settings.stall_timeout == 2s);
    CHECK(settings.stall_bytes == 3);
    CHECK(settings.retry == 4ms);
    CHECK(settings.retries == 5);
    CHECK(settings.max_redirects == 6);
    CHECK(settings.user_agent == "agent");
    CHECK(settings.ca_file == "/ca.pem");
    CHECK(settings.rate_bytes == 7);
    const auto request = parse_request(to_json(Request{9, "http://h/x", 10, true, true}));
    REQUIRE(std::holds_alternative<Request>(request));
    CHECK(std::get<Request>(request).id == 9);
    CHECK(std::get<Request>(request).url == "http://h/x");
    CHECK(std::get<Request>(request).limit_bytes == 10);
    CHECK(std::get<Request>(request).no_cache);
    CHECK(std::get<Request>(request).head_only);
    CHECK(std::get<Cancel>(parse_request(cancel_json(11))).id == 11);
}

TEST_CASE("answers arrive as they were sent", "[fetch][wire]") {
    const Answer head =
        there_and_back(Head{200, "http://h/x", 5, "\"e\"", -7, "text/plain", "gzip", true});
    CHECK(std::get<Head>(head).status == 200);
    CHECK(std::get<Head>(head).url == "http://h/x");
    CHECK(std::get<Head>(head).length_bytes == 5);
    CHECK(std::get<Head>(head).etag == "\"e\"");
    CHECK(std::get<Head>(head).last_modified == -7);
    CHECK(std::get<Head>(head).content_type == "text/plain");
    CHECK(std::get<Head>(head).content_encoding == "gzip");
    CHECK(std::get<Head>(head).open_ended);
    CHECK_FALSE(std::get<Head>(there_and_back(Head{})).last_modified);
    const Answer retry = there_and_back(Retry{2, 30ms, "cut", 40});
    CHECK(std::get<Retry>(retry).attempt == 2);
    CHECK(std::get<Retry>(retry).delay == 30ms);
    CHECK(std::get<Retry>(retry).reason == "cut");
    CHECK(std::get<Retry>(retry).done_bytes == 40);
    CHECK(std::get<End>(there_and_back(End{50})).size_bytes == 50);
    const Answer status = there_and_back(Status{404, "http://h/x", "http://p:3128"});
    CHECK(std::get<Status>(status).status == 404);
    CHECK(std::get<Status>(status).url == "http://h/x");
    CHECK(std::get<Status>(status).proxy == "http://p:3128");
    CHECK(std::get<Changed>(there_and_back(Changed{"other"})).reason == "other");
    const Answer failure = there_and_back(Failure{Kind::Limit, "too much"});
    CHECK(std::get<Failure>(failure).kind == Kind::Limit);
    CHECK(std::get<Failure>(failure).text == "too much");
}

TEST_CASE("members that are not known are ignored, those left out have their default",
          "[fetch][wire]") {
    const Settings settings = parse_settings(R"({"protocol": 1, "colour": [1, {"a": 2}]})");
    CHECK(settings.stall_timeout == 30s);
    CHECK(settings.retries == 8);
    const auto answer =
        parse_answer(R"({"id": 1, "answer": "head", "url": "u", "mood": "good"})").answer;
    CHECK(std::get<Head>(answer).length_bytes == -1);
}

TEST_CASE("K5: what is not the protocol's is an error of ours", "[fetch][wire]") {
    const std::string text = GENERATE(
        "", "garbage", "[]", "{}", "{\"id\": 1}", R"({"id": 1, "answer": "cake"})",
        R"({"id": -1, "answer": "end", "size": 5})", R"({"id": 1, "answer": "end"})",
        R"({"id": 1, "answer": "end", "size": -5})", R"({"id": 1, "answer": "end", "size": "5"})",
        R"({"id": 1, "answer": "error", "kind": "sad", "text": ""})",
        R"({"id": 1, "answer": "status", "status": 99999999, "url": ""})",
        R"({"id": 1, "answer": "changed", "reason": 5})", R"({"id": 1, "answer": "end", "size": 5)",
        "{\"id\": 1, \"answer\": \"\xff\"}");
    INFO(text);
    CHECK(kind_thrown_by(text) == Kind::Internal);
}

TEST_CASE("another version of the protocol is refused", "[fetch][wire]") {
    CHECK_THROWS_WITH(parse_settings(R"({"protocol": 2})"), contains("expected protocol 1"));
}

TEST_CASE("text of a program that was taken over cannot forge a line", "[fetch][wire]") {
    const auto answer = parse_answer(to_json(1, Failure{Kind::Network, "a\nb\x1b[31m"})).answer;
    CHECK(std::get<Failure>(answer).text == "a\\nb\\x1b[31m");
}

TEST_CASE("N13: a request that cannot be read is shown without its secrets", "[fetch][wire]") {
    try {
        static_cast<void>(parse_request(R"({"url": "https://u:PASS@h/x?t=TOKEN", "id": "one"})"));
        FAIL("accepted");
    } catch (const Error& error) {
        const std::string text = error.what();
        CHECK_THAT(text, contains("https://"));
        CHECK_THAT(text, !contains("PASS"));
        CHECK_THAT(text, !contains("TOKEN"));
    }
}
