// What is written down of where an image came from.

#include "tests/catch.hh"
#include "transfer/provenance.hh"

using namespace slipway;
using namespace slipway::transfer;
using stream::Algorithm;

namespace {

Origin full_origin() {
    Origin origin{.job = "0123456789abcdef",
                  .source = "https://h/web.tar.xz?token=…",
                  .fetched_at = 1790000000,
                  .size_bytes = 12345,
                  .digests = {{Algorithm::Sha256, "aa"}, {Algorithm::Sha512, "bb"}},
                  .verdict = "verified",
                  .statement = {}};
    origin.statement.document = "https://h/SHA256SUMS?token=…";
    origin.statement.algorithm = "sha256";
    origin.statement.digest = "aa";
    origin.statement.line = 7;
    origin.statement.key = "KEY";
    origin.statement.signing_key = "SUBKEY";
    origin.statement.owner = "Somebody";
    origin.statement.signed_at = 1780000000;
    return origin;
}

} // namespace

TEST_CASE("an image's origin says what vouched for it", "[transfer][provenance]") {
    CHECK(
        make_provenance(full_origin()).json ==
        R"({"algorithm":"sha256","digest":"aa","document":"https://h/SHA256SUMS?token=…",)"
        R"("fetched":1790000000,"job":"0123456789abcdef","key":"KEY","line":7,"owner":"Somebody","protocol":1,)"
        R"("signed":1780000000,"signing_key":"SUBKEY","size":12345,)"
        R"("source":"https://h/web.tar.xz?token=…","verdict":"verified"})");
}

TEST_CASE("an image's origin names the job that stored it", "[transfer][provenance]") {
    CHECK(job_of(make_provenance(full_origin())) == "0123456789abcdef");
    for (const char* other : {"", "{}", "[]", "{", R"({"job": 7})"}) {
        CHECK(job_of({other}).empty());
    }
}

TEST_CASE("what is not known of an image's origin is left out", "[transfer][provenance]") {
    Origin origin = full_origin();
    origin.statement = {};
    origin.source = "-";
    CHECK(
        make_provenance(origin).json ==
        R"({"algorithm":"sha512","digest":"bb","fetched":1790000000,"job":"0123456789abcdef","protocol":1,)"
        R"("size":12345,"source":"-","verdict":"verified"})");
}

TEST_CASE("an origin never outgrows its attribute, whatever its texts hold",
          "[transfer][provenance]") {
    const std::string text = GENERATE(std::string(100'000, 'x'), std::string(5000, '\x01'),
                                      std::string(3000, '\xFF'), [] {
                                          std::string dots;
                                          for (int i = 0; i < 3000; ++i) {
                                              dots += "…";
                                          }
                                          return dots;
                                      }());
    Origin origin = full_origin();
    origin.source = text;
    origin.statement.document = text;
    origin.statement.owner = text;
    const std::string json = make_provenance(origin).json;
    CHECK(json.size() <= storage::kMaxProvenanceBytes);
    CHECK_THAT(json, contains("…\""));
    CHECK_THAT(json, contains(R"("key":"KEY")"));
}

TEST_CASE("the digest that is shown is the statement's, else the strongest",
          "[transfer][provenance]") {
    const stream::Digests both{{Algorithm::Sha256, "aa"}, {Algorithm::Sha512, "bb"}};
    CHECK(shown_digest(both, "sha256").digest == "aa");
    CHECK(shown_digest(both, "sha512").digest == "bb");
    CHECK(shown_digest(both, "blake2b").digest == "bb");
    CHECK(shown_digest(both, "").algorithm == "sha512");
    CHECK(shown_digest({}, "sha256").digest.empty());
}

TEST_CASE("a clone's origin is that of its parent, which is named", "[transfer][provenance]") {
    const Parent web{.job = "fedcba9876543210",
                     .name = "web",
                     .path = "/var/lib/machines/web",
                     .cloned_at = 1790000001};
    const storage::Provenance clone = inherit_provenance(
        R"({"job":"0123456789abcdef","protocol":1,"source":"https://h/web.tar","verdict":"verified"})",
        web);
    CHECK(clone.json ==
          R"({"job":"fedcba9876543210","parent":{"cloned_at":1790000001,"name":"web",)"
          R"("path":"/var/lib/machines/web"},"protocol":1,"source":"https://h/web.tar",)"
          R"("verdict":"verified"})");
    const Parent second{
        .job = "0000000000000001", .name = "db", .path = "/p/db", .cloned_at = 1790000002};
    CHECK(inherit_provenance(clone.json, second).json ==
          R"({"job":"0000000000000001","parent":{"cloned_at":1790000002,"name":"db",)"
          R"("parent":{"cloned_at":1790000001,"name":"web","path":"/var/lib/machines/web"},)"
          R"("path":"/p/db"},"protocol":1,"source":"https://h/web.tar","verdict":"verified"})");
    for (const char* nothing : {"", "[]", "{", "7"}) {
        CHECK(inherit_provenance(nothing, second).json ==
              R"({"job":"0000000000000001","parent":{"cloned_at":1790000002,"name":"db",)"
              R"("path":"/p/db"},"protocol":1})");
    }
}

TEST_CASE("a clone's origin never outgrows its attribute, however many parents it has",
          "[transfer][provenance]") {
    std::string origin = make_provenance(full_origin()).json;
    const std::string name(GENERATE(3U, 200U), 'n');
    for (int i = 0; i < 100; ++i) {
        const Parent parent{.job = "fedcba9876543210",
                            .name = name + std::to_string(i),
                            .path = "/var/lib/machines/" + name,
                            .cloned_at = 1790000000 + i};
        origin = inherit_provenance(origin, parent).json;
        REQUIRE(origin.size() <= storage::kMaxProvenanceBytes);
        REQUIRE_THAT(origin, contains(R"("name":")" + parent.name + R"(")"));
        REQUIRE_THAT(origin, contains(R"("key":"KEY")"));
    }
    std::string numbers = "1";
    while (numbers.size() < 1990) {
        numbers += ",1";
    }
    const Parent web{.job = "1", .name = "web", .path = "/web", .cloned_at = 1};
    REQUIRE(inherit_provenance(R"({"foreign":[)" + numbers + "]}", web).json ==
            R"({"job":"1","parent":{"cloned_at":1,"name":"web","path":"/web"}})");
    // Not even one parent leaves room for all: texts are cut.
    const Parent long_one{.job = "fedcba9876543210",
                          .name = std::string(255, 'n'),
                          .path = "/" + std::string(4000, 'p'),
                          .cloned_at = 1790000000};
    REQUIRE(inherit_provenance(origin, long_one).json.size() <= storage::kMaxProvenanceBytes);
}
