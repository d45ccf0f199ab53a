// Requests to JSON and back.

#include "base/error.hh"
#include "tests/catch.hh"
#include "transfer/request.hh"

using namespace slipway;
using namespace slipway::transfer;
using namespace std::chrono_literals;

namespace {

Request full_request() {
    Request request;
    request.id = "0123456789abcdef";
    request.verb = Verb::ImportTar;
    request.pool = "/srv/pool";
    request.name = "web";
    request.url = "https://user:secret@h/web.tar.xz?token=1";
    request.path = "/tmp/Bücher \"x\".tar";
    request.verify = "no";
    request.force = true;
    request.read_only = true;
    request.keyrings = {"/etc/a.gpg", "/etc/b.gpg"};
    request.siblings = {false, false, false, false};
    request.tar.privileged_xattrs = true;
    request.tar.skip_unsupported_xattrs = true;
    request.budget = {.size_bytes = 1, .ratio = 2, .entries = 3, .depth = 4};
    request.memory_bytes = 5;
    request.network = {6ms, 7ms, 8, 9ms, 10, 11, "agent", "/ca.pem", 12};
    return request;
}

std::string with(const std::string& member) {
    return R"({"protocol":1,"id":"0123456789abcdef","verb":"pull-tar","pool":"/p",)"
           R"("url":"http://h/x.tar",)" +
           member + "}";
}

std::string refusal(const std::string& json) {
    try {
        parse_request(json);
    } catch (const Error& error) {
        CHECK(error.kind() == Kind::InvalidArgument);
        return error.what();
    }
    return "it was accepted";
}

} // namespace

TEST_CASE("a request comes out of its JSON as it went in", "[transfer][request]") {
    const Request request = full_request();
    const Request read = parse_request(to_json(request));
    CHECK(read.id == request.id);
    CHECK(read.verb == request.verb);
    CHECK(read.pool == request.pool);
    CHECK(read.name == request.name);
    CHECK(read.url == request.url);
    CHECK(read.path == request.path);
    CHECK(read.verify == request.verify);
    CHECK(read.force);
    CHECK(read.read_only);
    CHECK(read.keyrings == request.keyrings);
    CHECK_FALSE(read.siblings.settings);
    CHECK_FALSE(read.siblings.roothash);
    CHECK_FALSE(read.siblings.roothash_signature);
    CHECK_FALSE(read.siblings.verity);
    CHECK(read.tar.privileged_xattrs);
    CHECK(read.tar.skip_unsupported_xattrs);
    CHECK(read.budget.size_bytes == 1);
    CHECK(read.budget.ratio == 2);
    CHECK(read.budget.entries == 3);
    CHECK(read.budget.depth == 4);
    CHECK(read.memory_bytes == 5);
    CHECK(read.network.connect_timeout == 6ms);
    CHECK(read.network.stall_timeout == 7ms);
    CHECK(read.network.stall_bytes == 8);
    CHECK(read.network.retry == 9ms);
    CHECK(read.network.retries == 10);
    CHECK(read.network.max_redirects == 11);
    CHECK(read.network.user_agent == "agent");
    CHECK(read.network.ca_file == "/ca.pem");
    CHECK(read.network.rate_bytes == 12);
    CHECK(to_json(request).find('\n') == std::string::npos);
}

TEST_CASE("members that a request leaves out have their defaults", "[transfer][request]") {
    const Request read = parse_request(with(R"("unknown":[{}])"));
    CHECK(read.verify == "signature");
    CHECK_FALSE(read.force);
    CHECK(read.siblings.settings);
    CHECK(read.siblings.verity);
    CHECK(read.budget.depth == 0);
    CHECK(read.network.connect_timeout == 15s);
    CHECK(read.network.retries == 8);
}

TEST_CASE("a request that cannot be carried out is refused and says why", "[transfer][request]") {
    CHECK(refusal("") == "the request '' is not a JSON object; expected one line of "
                         "docs/protocol.md §1");
    CHECK(refusal("[1]") == "the request '[1]' is not a JSON object; expected one line of "
                            "docs/protocol.md §1");
    CHECK(refusal(R"({"protocol":2})") ==
          "the request is of protocol 2, this slipway-transfer speaks 1; the programs belong to "
          "different installations");
    CHECK_THAT(refusal("{}"), contains("is of protocol none"));
    CHECK(refusal(R"({"protocol":1,"verb":"pull-oci"})")
              .starts_with("the request's verb is 'pull-oci'; expected one of pull-tar, pull-raw, "
                           "import-tar, import-raw, import-fs, "));
    CHECK(refusal(with(R"("id":"0123456789ABCDEF")")) ==
          "the request's id is '0123456789ABCDEF'; expected 16 hexadecimal digits in lower case");
    CHECK(refusal(with(R"("id":"../../etc/passwd")")) ==
          "the request's id is '../../etc/passwd'; expected 16 hexadecimal digits in lower case");
    CHECK(refusal(with(R"("pool":"relative")")) ==
          "the request's pool is 'relative'; expected an absolute path");
    CHECK(refusal(with(R"("url":"")")) == "the request names no URL to pull");
    CHECK(refusal(with(R"("verb":"remove")")) == "the request names no image for remove");
}

TEST_CASE("a member of the wrong type is refused by name", "[transfer][request]") {
    CHECK(refusal(with(R"("force":1)")) == "the request's 'force' is '1'; expected true or false");
    CHECK(refusal(with(R"("name":7)")) == "the request's 'name' is '7'; expected a string");
    CHECK(refusal(with(R"("keyrings":["a"])")) ==
          "the request's 'keyrings' is '[\"a\"]'; expected a list of absolute paths");
    CHECK(refusal(with(R"("limits":{"size":-1})")) ==
          "the request's 'size' is '-1'; expected a whole number from 0");
    CHECK(refusal(with(R"("siblings":{"verity":"no"})")) ==
          "the request's 'verity' is '\"no\"'; expected true or false");
    CHECK(refusal(with(R"("limits":7)")) == "the request's 'limits' is '7'; expected an object");
    CHECK(refusal(with(R"("network":{"retries":4294967296})")) ==
          "the request's 'retries' is '4294967296'; expected a whole number from 0");
    CHECK(refusal(with(R"("network":{"retry_ms":1.5})")) ==
          "the request's 'retry_ms' is '1.5'; expected a whole number from 0");
}

TEST_CASE("times beyond a day are taken for a day", "[transfer][request]") {
    const Request read =
        parse_request(with(R"("network":{"stall_timeout_ms":18446744073709551615})"));
    CHECK(read.network.stall_timeout == 24h);
}

TEST_CASE("a path that is not UTF-8 cannot be put in a request", "[transfer][request]") {
    Request request = full_request();
    request.path = "/tmp/\xFF.tar";
    CHECK_THROWS_AS(to_json(request), Error);
}

TEST_CASE("every job gets an id of its own", "[transfer][request]") {
    const std::string id = make_id();
    CHECK(id.size() == 16);
    CHECK(id.find_first_not_of("0123456789abcdef") == std::string::npos);
    CHECK(make_id() != id);
}
