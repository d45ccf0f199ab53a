// Documents that are asked for several times.

#include <string>
#include <vector>

#include "tests/catch.hh"
#include "verify/remembering_library.hh"

using namespace slipway;
using namespace slipway::verify;
using Lines = std::vector<std::string>;

namespace {

// Counts what is asked, and answers with it.
class CountingLibrary final : public Library {
public:
    Lines asked;
    Lines warnings;

    Answer fetch(const Url& url, std::uint64_t /*limit_bytes*/, bool look_again) override {
        asked.push_back((look_again ? "again " : "fetch ") + url.file_name());
        return {200, std::to_string(asked.size()), false};
    }
    ChecksumFile read(std::string_view /*document*/, std::string_view document_name,
                      std::string_view file_name) override {
        asked.push_back("read " + std::string(document_name) + " for " + std::string(file_name));
        return {};
    }
    SignatureReport check_detached(std::string_view statement,
                                   std::string_view signature) override {
        asked.push_back("check " + std::string(statement) + " by " + std::string(signature));
        SignatureReport report;
        report.warnings = {"an empty ring"};
        return report;
    }
    SignatureReport check_clearsigned(std::string_view document) override {
        asked.push_back("check " + std::string(document));
        return {};
    }
    void expect(const std::vector<Ahead>& next, bool /*look_again*/) override {
        std::string names = "expect";
        for (const Ahead& ahead : next) {
            names += " " + ahead.url.file_name();
        }
        asked.push_back(names);
    }
    SignatureReport foresee(std::string_view signature) override {
        asked.push_back("foresee " + std::string(signature));
        return {};
    }
    void seen(std::string_view name, int /*status*/, std::string_view /*text*/) override {
        asked.push_back("seen " + std::string(name));
    }
    void debug(std::string_view /*text*/) override {}
    void warn(std::string_view text) override { warnings.emplace_back(text); }
};

const Url kSums = Url::parse("http://h/SHA256SUMS");

} // namespace

TEST_CASE("a document is fetched once, and anew when somebody looks past caches",
          "[verify][remembering]") {
    CountingLibrary asked;
    RememberingLibrary library(asked);
    CHECK(library.fetch(kSums, 10, false).content == "1");
    CHECK(library.fetch(kSums, 10, false).content == "1");
    CHECK(library.fetch(Url::parse("http://h/other"), 10, false).content == "2");
    CHECK(library.fetch(kSums, 10, true).content == "3");
    CHECK(library.fetch(kSums, 10, false).content == "3");
    CHECK(asked.asked == Lines{"fetch SHA256SUMS", "fetch other", "again SHA256SUMS"});
}

TEST_CASE("what is remembered is not fetched ahead, unless somebody looks past caches",
          "[verify][remembering]") {
    CountingLibrary asked;
    RememberingLibrary library(asked);
    library.fetch(kSums, 10, false);
    asked.asked.clear();
    const Url other = Url::parse("http://h/other");
    library.expect({{kSums, 10}, {other, 10}}, false);
    library.expect({{kSums, 10}, {other, 10}}, true);
    CHECK(asked.asked == Lines{"expect other", "expect SHA256SUMS other"});
}

TEST_CASE("a signature is checked once over the same bytes, a document read for each file",
          "[verify][remembering]") {
    CountingLibrary asked;
    RememberingLibrary library(asked);
    library.check_detached("sums", "signature");
    CHECK(library.check_detached("sums", "signature").warnings == Lines{"an empty ring"});
    library.check_detached("sums", "other signature");
    library.check_clearsigned("text");
    library.check_clearsigned("text");
    library.read("sums", "SHA256SUMS", "a.img");
    library.read("sums", "SHA256SUMS", "a.nspawn");
    CHECK(asked.asked == Lines{"check sums by signature", "check sums by other signature",
                               "check text", "read SHA256SUMS for a.img",
                               "read SHA256SUMS for a.nspawn"});
}

TEST_CASE("a warning is given once", "[verify][remembering]") {
    CountingLibrary asked;
    RememberingLibrary library(asked);
    library.warn("comes over plain http");
    library.warn("comes over plain http");
    library.warn("another");
    CHECK(asked.warnings == Lines{"comes over plain http", "another"});
}
