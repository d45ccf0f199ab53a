// What is known of the place that a download came from.

#include "cache/publication.hh"
#include "tests/catch.hh"

using namespace slipway;
using namespace slipway::cache;

namespace {

Publication sample() {
    Publication one{.address = "https://h/web.tar#01234567",
                    .url = "https://h/web.tar?t=…",
                    .etag = "\"v1\"",
                    .last_modified = 1'790'000'000,
                    .kept_at = 1'790'000'100,
                    .verdict = "verified",
                    .papers = {},
                    .companions = {}};
    one.papers = {{"https://h/SHA256SUMS", 200, false, "file-1"},
                  {"https://h/web.tar.sha256", 404, false, ""},
                  {"https://h/huge", 200, true, ""}};
    one.companions = {{"https://h/web.nspawn",
                       200,
                       "file-0",
                       7,
                       {{stream::Algorithm::Sha256, std::string(64, 'a')}}},
                      {"https://h/web.roothash", 404, "", 0, {}}};
    return one;
}

} // namespace

TEST_CASE("a publication survives its way through JSON", "[cache]") {
    const auto again = parse_publication(to_json(sample()));
    REQUIRE(again);
    CHECK(again->address == sample().address);
    CHECK(again->url == sample().url);
    CHECK(again->etag == "\"v1\"");
    CHECK(again->last_modified == 1'790'000'000);
    CHECK(again->kept_at == 1'790'000'100);
    CHECK(again->verdict == "verified");
    REQUIRE(again->papers.size() == 3);
    CHECK(again->papers[2].too_large);
    const Paper* sums = find_paper(*again, "https://h/SHA256SUMS");
    REQUIRE(sums != nullptr);
    CHECK(sums->status == 200);
    CHECK(sums->file == "file-1");
    CHECK(find_paper(*again, "https://h/SHA512SUMS") == nullptr);
    const Companion* settings = find_companion(*again, "https://h/web.nspawn");
    REQUIRE(settings != nullptr);
    CHECK(settings->size_bytes == 7);
    CHECK(settings->digests.at(stream::Algorithm::Sha256) == std::string(64, 'a'));
    CHECK(find_companion(*again, "https://h/web.roothash")->status == 404);
    CHECK(directory_name(*again) == directory_name(sample()));
}

TEST_CASE("what is no publication is none, and no name leads out of it", "[cache]") {
    CHECK_FALSE(parse_publication(""));
    CHECK_FALSE(parse_publication("{}"));
    CHECK_FALSE(parse_publication("[]"));
    Publication out = sample();
    out.papers[0].file = GENERATE("../../etc/passwd", "a/b", "..", ".hidden");
    CHECK_FALSE(parse_publication(to_json(out)));
}

TEST_CASE("validators tell the same version, and nothing known is no yes", "[cache]") {
    struct Row {
        std::string then_etag;
        std::optional<std::int64_t> then_modified;
        Validators now;
        bool same;
    };
    const std::vector<Row> rows{
        {"\"a\"", 5, {"\"a\"", 5, 100}, true},
        {"\"a\"", 5, {"\"a\"", 6, -1}, true}, // a strong ETag is enough
        {"\"a\"", 5, {"\"a\"", 5, 99}, false},
        {"\"a\"", 5, {"\"b\"", 5, 100}, false},
        {"\"a\"", 5, {"", 5, 100}, false},
        {"", 5, {"\"a\"", 5, 100}, false},
        {"W/\"a\"", 5, {"W/\"a\"", 5, 100}, false},
        {"", 5, {"", 5, 100}, true},
        {"", 5, {"", 6, 100}, false},
        {"", 5, {"", 5, -1}, false},
        {"", {}, {"", {}, 100}, false},
    };
    for (const Row& row : rows) {
        Publication then = sample();
        then.etag = row.then_etag;
        then.last_modified = row.then_modified;
        INFO(row.then_etag << " / " << row.now.etag << " " << row.now.length_bytes);
        CHECK(is_same_version(then, 100, row.now) == row.same);
    }
}
