// slipway verify: files, URLs and stored images; nothing is ever stored.

#include <filesystem>

#include "tests/catch.hh"
#include "tests/e2e/archive.hh"
#include "tests/e2e/checks.hh"
#include "tests/e2e/publisher.hh"

using namespace slipway;
using namespace slipway::tests;

namespace {

constexpr const char* kImage = "/images/web.tar";

// A publisher with one image, and a person who verifies.
struct Verifying {
    Verifying() {
        make_plain_tree(place / "tree", 20);
        archive = pack(place / "tree");
        publisher.publish("web.tar", archive);
        std::filesystem::create_directory(place / "here");
    }

    RunResult slipway(const std::string& verb, const std::string& what,
                      std::vector<std::string> options = {}) const {
        std::vector<std::string> command{program("slipway").string(),
                                         "--pool=" + scene.pool.path().string(),
                                         "--keyring=" + publisher.keyring().string(),
                                         "--retry-delay=1ms",
                                         "--retries=1",
                                         verb,
                                         what};
        command.insert(command.end(), options.begin(), options.end());
        RunOptions how;
        how.directory = place / "here";
        how.environment = {"STATE_DIRECTORY=/dev/null"};
        return run(command, how);
    }
    RunResult verify(const std::string& what, const std::vector<std::string>& options = {}) const {
        return slipway("verify", what, options);
    }

    // Puts the image, its document and its signature on this host's disk.
    std::filesystem::path put_here() const {
        const std::filesystem::path here = place / "here";
        write_file(here / "web.tar", archive);
        write_file(here / "SHA256SUMS", publisher.sums());
        write_file(here / "SHA256SUMS.gpg", publisher.sign(publisher.sums()));
        return here / "web.tar";
    }

    Scene scene;
    Publisher publisher;
    TempDir place;
    std::string archive;
};

// Refused in one line that holds `part`, with nothing left.
void check_refusal(const Verifying& person, const RunResult& result, int status,
                   const std::string& part) {
    INFO(result.out << result.err);
    CHECK(result.status == status);
    CHECK_THAT(result.err, contains(part));
    CHECK_THAT(result.out, !contains("verified:"));
    CHECK(person.scene.leftovers() == Lines{});
}

} // namespace

TEST_CASE("verify of a URL shows what each proof said and the verdict", "[e2e][verify]") {
    const Verifying person;
    const RunResult result = person.verify(person.publisher.url("web.tar"));
    INFO(result.out << result.err);
    CHECK(result.status == 0);
    CHECK_THAT(result.out, contains("DOCUMENT") && contains("ANSWER SAYS\n"));
    CHECK_THAT(result.out, contains("\nSHA256SUMS "));
    CHECK_THAT(result.out, contains("\nSHA256SUMS.gpg 200    signed by " + person.publisher.key()));
    CHECK_THAT(result.out, contains("\n10 others were looked for and not there"));
    CHECK_THAT(result.out, contains("\nverified: SHA-256, signed by " + person.publisher.key()));
    CHECK(person.publisher.server.requests(kImage).size() == 1);
    CHECK(person.scene.leftovers() == Lines{});
}

TEST_CASE("verify of a file looks for its documents beside it, as a path and as a URL",
          "[e2e][verify]") {
    const Verifying person;
    const std::filesystem::path file = person.put_here();
    const std::string what =
        GENERATE(std::string("web.tar"), std::string("./web.tar"), std::string("whole"));
    const RunResult result = person.verify(what == "whole" ? file.string() : what);
    INFO(result.out << result.err);
    CHECK(result.status == 0);
    CHECK_THAT(result.out, contains("verified: SHA-256, signed by " + person.publisher.key()));
    CHECK(person.verify("file://" + file.string()).out == result.out);
    CHECK(person.publisher.server.requests().empty());
    CHECK(person.scene.leftovers() == Lines{});
}

TEST_CASE("verify refuses with the verdict's word and the exit status of a pull", "[e2e][verify]") {
    Verifying person;
    HttpServer& server = person.publisher.server;
    const std::string url = person.publisher.url("web.tar");
    SECTION("one byte of the image changed") {
        std::string changed = person.archive;
        changed.at(600) ^= 1;
        server.serve(kImage, changed);
        check_refusal(person, person.verify(url), 12, "tampered");
    }
    SECTION("the signature is missing") {
        server.remove(kSignature);
        check_refusal(person, person.verify(url), 11, "not signed");
        CHECK(server.requests(kImage).empty());
    }
    SECTION("the signature is of another document") {
        server.serve(kSignature, person.publisher.sign("something else"));
        check_refusal(person, person.verify(url), 12, "bad signature");
        CHECK(server.requests(kImage).empty());
    }
    SECTION("no document at all") {
        server.remove(kSignature);
        server.remove(kSums);
        check_refusal(person, person.verify(url), 10, "no checksum or signature found");
        CHECK(server.requests(kImage).empty());
    }
    SECTION("the document cannot be had") {
        server.always(kSums, answering(503));
        check_refusal(person, person.verify(url), 14, "503");
        CHECK(server.requests(kImage).empty());
    }
    SECTION("the image is not there") {
        server.remove(kImage);
        check_refusal(person, person.verify(url), 3, "the server answered 404");
    }
    SECTION("another digest was given") {
        check_refusal(person, person.verify(url, {"--verify=" + std::string(64, '0')}), 12,
                      "does not match");
    }
    SECTION("a file that is not there") {
        check_refusal(person, person.verify("./missing"), 3, "there is no file");
    }
}

TEST_CASE("verify of a stored image asks its publisher again, and says what was not compared",
          "[e2e][verify]") {
    Verifying person;
    REQUIRE(person.slipway("pull-tar", person.publisher.url("web.tar"), {"web"}).status == 0);
    const std::size_t fetched = person.publisher.server.requests(kImage).size();
    const RunResult good = person.verify("web");
    INFO(good.out << good.err);
    CHECK(good.status == 0);
    CHECK_THAT(good.out, contains("verified: SHA-256, signed by " + person.publisher.key()));
    CHECK_THAT(good.out, contains("the bytes on the disk were not compared"));
    person.publisher.publish("web.tar", person.archive + std::string(512, '\0'));
    const RunResult other = person.verify("web");
    CHECK(other.status == 12);
    CHECK_THAT(other.err, contains("the bytes on the disk were not compared"));
    CHECK_THAT(other.err, contains("The publisher may have another version there by now"));
    CHECK(person.publisher.server.requests(kImage).size() == fetched);
    const RunResult missing = person.verify("db");
    CHECK(missing.status == 3);
    CHECK_THAT(missing.err, contains("no image of that name"));
    CHECK(person.scene.leftovers({"web"}) == Lines{});
}

TEST_CASE("verify checks a signature over the image while its bytes go by", "[e2e][verify]") {
    Verifying person;
    HttpServer& server = person.publisher.server;
    server.remove(kSums);
    server.remove(kSignature);
    server.serve("/images/web.tar.asc", person.publisher.sign(person.archive));
    const std::string url = person.publisher.url("web.tar");
    const RunResult good = person.verify(url);
    INFO(good.out << good.err);
    CHECK(good.status == 0);
    CHECK_THAT(good.out, contains("verified: ") && contains(person.publisher.key()));
    REQUIRE(person.slipway("pull-tar", url, {"web"}).status == 0);
    const RunResult stored = person.verify("web");
    CHECK(stored.status != 0);
    CHECK_THAT(stored.err, contains("signs the packed image itself, whose bytes are not kept"));
    std::filesystem::remove_all(person.scene.image("web"));
    std::string changed = person.archive;
    changed.at(600) ^= 1;
    server.serve(kImage, changed);
    check_refusal(person, person.verify(url), 12, "bad signature");
}

TEST_CASE("verify --json gives the events and nothing else", "[e2e][verify]") {
    const Verifying person;
    const RunResult result = person.verify(person.publisher.url("web.tar"), {"--json=short"});
    CHECK(result.status == 0);
    CHECK_THAT(result.out,
               contains(R"("event":"proof")") && contains(R"("name":"SHA256SUMS.gpg")"));
    CHECK_THAT(result.out, contains(R"("status":404)"));
    CHECK_THAT(result.out, contains(R"("event":"verdict")") && contains(R"("word":"verified")"));
    CHECK_THAT(result.out, contains(R"("outcome":"done")") && !contains("DOCUMENT"));
}
