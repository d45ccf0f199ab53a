// Documents that are fetched ahead: how many at a time, what becomes of failures that nobody asks
// for, and what is given up.

#include <array>
#include <csignal>
#include <set>
#include <thread>

#include <fcntl.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/message.hh"
#include "tests/catch.hh"
#include "tests/fetch/fetching.hh"
#include "tests/support/http_server.hh"
#include "tests/support/programs.hh"

using namespace slipway;
using namespace slipway::tests;
using namespace std::chrono_literals;

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kLimit = 4 << 20;

std::string path(int number) {
    return "/" + std::to_string(number);
}

fetch::Wanted wanted(const HttpServer& server, int number) {
    return {Url::parse(server.url(path(number))), kLimit, fetch::Cache::Use};
}

std::vector<fetch::Wanted> wanted(const HttpServer& server, int first, int end) {
    std::vector<fetch::Wanted> all;
    for (int number = first; number < end; ++number) {
        all.push_back(wanted(server, number));
    }
    return all;
}

fetch::Document document(fetch::Fetcher& fetcher, const HttpServer& server, int number,
                         fetch::Cache cache = fetch::Cache::Use) {
    return fetcher.document(Url::parse(server.url(path(number))), kLimit, cache, {}, {});
}

fetch::Settings patient() {
    fetch::Settings settings = quick();
    settings.stall_timeout = 1h;
    return settings;
}

void serve_numbers(HttpServer& server, int count) {
    for (int number = 0; number < count; ++number) {
        server.serve(path(number), "content of " + std::to_string(number));
    }
}

} // namespace

TEST_CASE("announced documents come on four connections at most, and take a round for four",
          "[fetch][ahead]") {
    constexpr auto kDelay = 100ms; // of each answer: half of it before the header, half after
    HttpServer server;
    for (int number = 0; number < 20; ++number) {
        if (number % 3 != 1) { // the others are not there
            server.serve(path(number), "content of " + std::to_string(number));
        }
        server.always(path(number), trickling_header(10'000, kDelay / 2));
    }
    fetch::Fetcher fetcher = make_fetcher();
    const auto before = Clock::now();
    fetcher.expect(wanted(server, 0, 20));
    for (int number = 0; number < 20; ++number) {
        const fetch::Document found = document(fetcher, server, number);
        CHECK(found.status == (number % 3 == 1 ? 404 : 200));
        CHECK(found.content == (number % 3 == 1 ? "" : "content of " + std::to_string(number)));
        CHECK(found.url == server.url(path(number)));
    }
    CHECK(Clock::now() - before < 12 * kDelay); // measured: 5.5; one after the other takes 20
    CHECK(server.requests().size() == 20);
    CHECK(server.connections() <= fetch::kMaxConnections);
    CHECK(server.connections() > 1);
}

TEST_CASE("no more than four requests are on their way", "[fetch][ahead]") {
    HttpServer server;
    serve_numbers(server, 9);
    for (int number = 0; number < 8; ++number) {
        server.always(path(number), stall_in_header(0));
    }
    fetch::Fetcher fetcher = make_fetcher(patient());
    fetcher.expect(wanted(server, 0, 8));
    for (int number = 0; number < 4; ++number) {
        server.wait_for_requests(path(number), 1);
    }
    // One that was not announced takes the place of the last that was.
    CHECK(document(fetcher, server, 8).content == "content of 8");
    std::set<std::string> paths;
    for (const SeenRequest& request : server.requests()) {
        paths.insert(request.path);
    }
    CHECK(paths == std::set<std::string>{"/0", "/1", "/2", "/3", "/8"});
    server.release();
    for (int number = 0; number < 8; ++number) {
        CHECK(document(fetcher, server, number).content == "content of " + std::to_string(number));
    }
    CHECK(server.connections() <= 5); // the one that was given up was closed
}

TEST_CASE("slipway-fetch itself works on four requests at most, whatever it is asked for",
          "[fetch][ahead]") {
    HttpServer server;
    serve_numbers(server, 7);
    for (int number = 0; number < 6; ++number) {
        server.always(path(number), stall_in_header(0));
    }
    auto [ours, theirs] = make_message_pair();
    ChildSpec spec;
    spec.program = program("slipway-fetch");
    spec.fds = {{theirs.get(), 3}};
    ChildProcess child(spec);
    theirs.reset();
    send_message(ours.get(), to_json(patient()));
    std::vector<Fd> pipes;
    const auto ask = [&](int number) {
        std::array<int, 2> ends{};
        REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
        pipes.emplace_back(ends[0]);
        const Fd writing(ends[1]);
        send_message(ours.get(),
                     to_json(fetch::Request{static_cast<std::uint64_t>(number) + 1,
                                            server.url(path(number)), 0}),
                     {writing.get()});
    };
    for (int number = 0; number < 7; ++number) {
        ask(number);
    }
    for (int number = 0; number < 4; ++number) {
        server.wait_for_requests(path(number), 1);
    }
    send_message(ours.get(), fetch::cancel_json(6)); // still waits
    send_message(ours.get(), fetch::cancel_json(2)); // on its way: the next takes its place
    server.wait_for_requests(path(4), 1);
    CHECK(server.requests().size() == 5);
    server.release();
    std::set<std::uint64_t> ended;
    while (ended.size() < 5) {
        const auto answer = fetch::parse_answer(receive_message(ours.get(), {})->text);
        CHECK(answer.id != 2);
        CHECK(answer.id != 6);
        if (std::holds_alternative<fetch::End>(answer.answer)) {
            ended.insert(answer.id);
        }
    }
    CHECK(ended == std::set<std::uint64_t>{1, 3, 4, 5, 7});
    ours.reset();
    CHECK(child.wait().success());
}

TEST_CASE("a slow document keeps none of the others from being fetched, in whatever order they are "
          "asked for",
          "[fetch][ahead]") {
    HttpServer server;
    serve_numbers(server, 12);
    server.always("/0", stall_after(5));
    fetch::Fetcher fetcher = make_fetcher(patient());
    fetcher.expect(wanted(server, 0, 12));
    for (int number = 11; number > 0; --number) {
        CHECK(document(fetcher, server, number).content == "content of " + std::to_string(number));
    }
    server.release();
    CHECK(document(fetcher, server, 0).content == "content of 0");
    CHECK(server.requests().size() == 12);
}

TEST_CASE("a document that cannot be had counts when it is asked for, and not before",
          "[fetch][ahead]") {
    HttpServer server;
    serve_numbers(server, 3);
    server.always("/1", answering(503));
    fetch::Settings settings = quick();
    settings.retries = 2;
    fetch::Fetcher fetcher = make_fetcher(settings);
    fetcher.expect(wanted(server, 0, 3));
    CHECK(document(fetcher, server, 0).content == "content of 0");
    CHECK(document(fetcher, server, 2).content == "content of 2");
    std::vector<std::string> told;
    CHECK_THROWS_WITH(
        fetcher.document(Url::parse(server.url("/1")), kLimit, fetch::Cache::Use, {},
                         [&told](const fetch::Retry& retry) { told.push_back(retry.reason); }),
        contains("the server answered 503; gave up after 2 retries"));
    CHECK_FALSE(told.empty());
    CHECK(server.requests("/1").size() == 3);
}

TEST_CASE("what is no longer announced is given up, and what is announced again goes on",
          "[fetch][ahead]") {
    HttpServer server;
    serve_numbers(server, 8);
    for (int number = 0; number < 4; ++number) {
        server.always(path(number), stall_in_header(0));
    }
    fetch::Fetcher fetcher = make_fetcher(patient());
    fetcher.expect(wanted(server, 0, 4));
    for (int number = 0; number < 4; ++number) {
        server.wait_for_requests(path(number), 1);
    }
    auto others = wanted(server, 4, 8);
    others.push_back(wanted(server, 2));
    fetcher.expect(others);
    for (int number = 4; number < 8; ++number) {
        CHECK(document(fetcher, server, number).content == "content of " + std::to_string(number));
    }
    server.release();
    CHECK(document(fetcher, server, 2).content == "content of 2");
    CHECK(server.requests("/2").size() == 1);
}

TEST_CASE("an announced document is taken only for the same limit and the same caches",
          "[fetch][ahead]") {
    HttpServer server;
    serve_numbers(server, 1);
    fetch::Fetcher fetcher = make_fetcher();
    fetcher.expect(wanted(server, 0, 1));
    server.wait_for_requests("/0", 1);
    CHECK(document(fetcher, server, 0, fetch::Cache::LookAgain).content == "content of 0");
    CHECK(server.requests("/0").at(1).header("Cache-Control") == "no-cache");
    CHECK_THROWS_WITH(fetcher.document(Url::parse(server.url("/0")), 3, fetch::Cache::Use, {}, {}),
                      contains("the limit is 3"));
    CHECK(document(fetcher, server, 0).content == "content of 0");
    CHECK(server.requests("/0").size() == 3); // the first was announced
    CHECK(document(fetcher, server, 0).content == "content of 0");
    CHECK(server.requests("/0").size() == 4); // an answer is taken once
}

TEST_CASE("an announced document that changes while it comes is read afresh", "[fetch][ahead]") {
    HttpServer server;
    server.serve("/0", Resource{"new content", ""});
    server.on("/0", {cut_after(5).serving(Resource{"old content", ""})});
    fetch::Fetcher fetcher = make_fetcher();
    fetcher.expect(wanted(server, 0, 1));
    CHECK(document(fetcher, server, 0).content == "new content");
}

TEST_CASE("documents that stall or fail do not disturb the image", "[fetch][ahead]") {
    HttpServer server;
    const std::string content = noise(3'000'000);
    server.serve("/image", content);
    serve_numbers(server, 7);
    for (int number = 0; number < 3; ++number) {
        server.always(path(number), stall_after(5));
    }
    server.always("/3", answering(503).with_header("Retry-After", "120"));
    fetch::Settings settings = patient();
    settings.retry = 1h;
    fetch::Fetcher fetcher = make_fetcher(settings);
    fetcher.expect(wanted(server, 0, 7));
    for (int number = 0; number < 4; ++number) {
        server.wait_for_requests(path(number), 1);
    }
    const Fetched image = fetch_file(fetcher, server.url("/image"));
    CHECK(image.is_end());
    CHECK((image.body == content));
    CHECK(server.requests("/4").empty()); // nothing comes ahead meanwhile
    server.release();
    CHECK(document(fetcher, server, 0).content == "content of 0"); // it was given up
    CHECK(server.requests("/0").size() == 2);
}

TEST_CASE("what came ahead has a bound in memory", "[fetch][ahead]") {
    constexpr int kDocuments = 20;
    HttpServer server;
    const std::string large(2 << 20, 'x');
    for (int number = 0; number < kDocuments; ++number) {
        server.serve(path(number), large);
    }
    server.serve("/slow", std::string(50, 'x'));
    server.always("/slow", trickling(1, 20ms));
    fetch::Fetcher fetcher = make_fetcher();
    fetcher.expect(wanted(server, 0, kDocuments));
    static_cast<void>(
        fetcher.document(Url::parse(server.url("/slow")), kLimit, fetch::Cache::Use, {}, {}));
    CHECK(server.requests().size() <= 1 + 8 + fetch::kMaxConnections);
    for (int number = 0; number < kDocuments; ++number) {
        CHECK((document(fetcher, server, number).content == large));
    }
}

TEST_CASE("K1: a slipway-fetch that is killed takes what it was fetching ahead with it",
          "[fetch][ahead]") {
    HttpServer server;
    serve_numbers(server, 2);
    server.always("/0", stall_after(5));
    fetch::Fetcher fetcher = make_fetcher(patient());
    fetcher.expect(wanted(server, 0, 2));
    server.wait_for_requests("/0", 1);
    ::kill(fetcher.pid(), SIGKILL);
    CHECK_THROWS_WITH(document(fetcher, server, 0), contains("was killed by signal 9"));
}
